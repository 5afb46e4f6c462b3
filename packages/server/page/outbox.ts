import { signal } from './signal';
import { Refused, call } from './api';

/** What a worker did and the server has not acknowledged yet. */
export interface Letter {
  path: 'answer' | 'skip' | 'flag';
  body: { lease: number } & Record<string, unknown>;
}

const KEY = 'quorate-outbox';

/** How many letters are not acknowledged, and whether the server can be reached. */
export const unsent = signal(0);
export const online = signal(true);

/** Letters survive a reload, a crash of the browser and hours without a network: answers are idempotent. */
export class Outbox {
  #letters: Letter[] = JSON.parse(localStorage.getItem(KEY) ?? '[]') as Letter[];
  #sending = false;

  constructor() {
    unsent.value = this.#letters.length;
    addEventListener('online', () => void this.send());
    setInterval(() => void this.send(), 5000);
  }

  has(lease: number): boolean {
    return this.#letters.some(({ path, body }) => path !== 'flag' && body.lease === lease);
  }

  put(letter: Letter): void {
    this.#letters.push(letter);
    this.#keep();
    void this.send();
  }

  #keep(): void {
    localStorage.setItem(KEY, JSON.stringify(this.#letters));
    unsent.value = this.#letters.length;
  }

  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#letters.length > 0) {
        const letter = this.#letters[0]!;
        try {
          await call(letter.path, letter.body);
        } catch (thrown) {
          const { status } = thrown as Refused;
          // No network, too fast, or a server that is being restarted: later. Anything else will not get better.
          if (status === 0 || status === 401 || status === 429 || status >= 500) {
            online.value = status !== 0;
            return;
          }
        }
        online.value = true;
        this.#letters.shift();
        this.#keep();
      }
    } finally {
      this.#sending = false;
    }
  }
}
