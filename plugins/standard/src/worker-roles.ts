import type { Rng } from '@quorate/core';

/** What a worker does in place of answering by their own confusion matrix. */
export type Role =
  | { readonly kind: 'honest' }
  /** Names any of the K classes at random, whatever the task is. */
  | { readonly kind: 'spammer' }
  /** Names the same class always. */
  | { readonly kind: 'constant'; readonly label: number }
  /** Says what the honest worker `source` would say of the task. */
  | { readonly kind: 'copier'; readonly source: number };

export interface RoleShares {
  readonly spammers: number;
  readonly constantAnswerers: number;
  readonly copiers: number;
}

/** Roles of W workers, drawn at random: round(share · W) have each. All copy the honest ones, of whom one is left at least. */
export function workerRoles(
  { spammers, constantAnswerers, copiers }: RoleShares,
  workers: number,
  classes: number,
  rng: Rng,
): Role[] {
  const order = rng.permutation(workers);
  let at = 0;
  const take = (share: number, atMost = workers): Int32Array =>
    order.slice(at, (at += Math.min(Math.round(share * workers), Math.max(0, atMost))));
  const roles = Array<Role>(workers).fill({ kind: 'honest' });
  for (const j of take(spammers)) roles[j] = { kind: 'spammer' };
  for (const j of take(constantAnswerers)) roles[j] = { kind: 'constant', label: rng.int(classes) };
  const copying = take(copiers, workers - at - 1);
  for (const j of copying) roles[j] = { kind: 'copier', source: order[at + rng.int(workers - at)]! };
  return roles;
}

/** The confusion matrix K×K `[true][observed]` of a worker in a role. @param confusions Of the workers as they were. */
export function confusionIn(role: Role, worker: number, confusions: readonly Float64Array[], K: number): Float64Array {
  if (role.kind === 'honest') return confusions[worker]!;
  if (role.kind === 'copier') return confusions[role.source]!;
  if (role.kind === 'spammer') return new Float64Array(K * K).fill(1 / K);
  return Float64Array.from({ length: K * K }, (_, x) => (x % K === role.label ? 1 : 0));
}
