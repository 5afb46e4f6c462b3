import { signal } from './signal';
import { Refused, call } from './api';

/** What a worker did and the server has not acknowledged yet. */
export interface Letter {
  path: 'answer' | 'skip' | 'flag';
  body: { lease: number } & Record<string, unknown>;
}

/** How many letters are not acknowledged, and whether the server can be reached. */
export const unsent = signal(0);
export const online = signal(true);

/**
 * Letters survive a reload, a crash of the browser and hours without a network: answers are idempotent. Each has a place
 * of its own in the browser's store, so that pages in two tabs keep and send them together.
 */
export class Outbox {
  readonly #prefix: string;
  #sending = false;
  #puts = 0;

  /** @param worker Whose letters: another person at this browser must not send them. */
  constructor(worker: string) {
    this.#prefix = `quorate/outbox/${worker}/`;
    addEventListener('online', () => void this.send());
    addEventListener('storage', () => this.#count());
    setInterval(() => void this.send(), 5000);
    void this.send();
  }

  #keys(): string[] {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.#prefix))
      .sort();
  }

  #count(): void {
    unsent.value = this.#keys().length;
  }

  has(lease: number): boolean {
    return this.#keys().some((key) => key.endsWith(`/${lease}`));
  }

  put(letter: Letter): void {
    const at = [Date.now(), this.#puts++].map((n) => String(n).padStart(15, '0')).join('-');
    const place = letter.path === 'flag' ? `flag-${letter.body.lease}` : letter.body.lease;
    localStorage.setItem(`${this.#prefix}${at}/${place}`, JSON.stringify(letter));
    this.#count();
    void this.send();
  }

  async send(): Promise<void> {
    this.#count();
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let key = this.#keys()[0]; key !== undefined; key = this.#keys()[0]) {
        const letter = JSON.parse(localStorage.getItem(key) ?? 'null') as Letter | null;
        try {
          if (letter) await call(letter.path, letter.body);
        } catch (thrown) {
          const { status } = thrown as Refused;
          // No network, too fast, or a server that is being restarted: later. Anything else will not get better.
          if (status === 0 || status === 401 || status === 429 || status >= 500) {
            online.value = status !== 0;
            return;
          }
        }
        online.value = true;
        localStorage.removeItem(key);
        this.#count();
      }
    } finally {
      this.#sending = false;
    }
  }
}
