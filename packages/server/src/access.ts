import { createHash, randomBytes } from 'node:crypto';
import type { Campaign } from '@quorate/campaign';

type Worker = Campaign['desk']['workers'][number];

/** Who may come in: names, roles and tokens, of which only hashes are stored. */
export class Access {
  readonly #campaign: Campaign;

  readonly #named;

  constructor(campaign: Campaign) {
    this.#campaign = campaign;
    this.#named = campaign.db.prepare('SELECT name FROM worker WHERE token_hash = ? AND disabled_at IS NULL');
  }

  /** The worker of a token; undefined for a stranger and for somebody who was shut out. */
  worker(token: string | undefined): Worker | undefined {
    if (token === undefined || token.length > 200) return undefined;
    const row = this.#named.get([hashOf(token)]) as { name: string } | undefined;
    return row && this.#campaign.desk.worker(row.name);
  }

  /** A link's token for so many people. @param name Whose it is; null: everybody gets a name of their own. */
  async invite(given: { role: Worker['role']; name: string | null; uses: number; days: number }): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const { db, clock } = this.#campaign;
    const now = clock();
    const expires = now + given.days * 86_400_000;
    await this.#campaign.commit(() =>
      db
        .prepare('INSERT INTO invite(token_hash, name, role, uses_left, expires, created_at) VALUES (?, ?, ?, ?, ?, ?)')
        .run(hashOf(token), given.name, given.role, given.uses, expires, now),
    );
    return token;
  }

  /** A token in place of an invitation; null where it is unknown, used up or too old. */
  async accept(invitation: string, wanted: string | null): Promise<{ token: string; worker: Worker } | null> {
    const { db, clock, desk } = this.#campaign;
    const hash = hashOf(invitation);
    const sql = 'SELECT name, role FROM invite WHERE token_hash = ? AND uses_left > 0 AND expires > ?';
    const row = db.prepare(sql).get(hash, clock()) as { name: string | null; role: Worker['role'] } | undefined;
    if (!row) return null;
    // The use is taken before anything else happens: of two at once, one gets the last.
    let got = false;
    await this.#campaign.commit(() => {
      const use = 'UPDATE invite SET uses_left = uses_left - 1 WHERE token_hash = ? AND uses_left > 0';
      got = db.prepare(use).run([hash]).changes === 1;
    });
    if (!got) return null;
    const token = randomBytes(32).toString('base64url');
    const taken = (name: string): boolean => row.name === null && desk.worker(name) !== undefined;
    let name = row.name ?? wanted ?? '';
    // Nobody becomes somebody else by typing their name.
    if (name === '' || taken(name)) name = `${name === '' ? 'worker' : name}-${randomBytes(3).toString('hex')}`;
    const worker = await this.#campaign.join(name, row.role);
    await this.#campaign.commit(() => {
      db.prepare('UPDATE worker SET token_hash = ? WHERE id = ?').run(hashOf(token), worker.id);
    });
    return { token, worker };
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
