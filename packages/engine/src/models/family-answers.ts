import type { Annotations, WorkerSimulator } from '@quorate/core';

/** So many classes of an answer count: what a model finds less probable than these says next to nothing. */
const MOST = 6;

/** A model, and its number among the models of the run. */
interface Member {
  readonly model: number;
  /** Number among the workers of its simulator. */
  readonly worker: number;
  /** Reads the class probabilities behind an answer, where there are any. */
  readonly simulator: Pick<WorkerSimulator, 'probabilities'>;
}

/**
 * What a family of models says of every item, as one voice: the mean of what its members say, each answer with the class
 * probabilities behind it, or as the class alone. Models of one family err together, so that more of them do not say more.
 *
 *     c_i(z) = mean over the members who answered of P(z | member, i),   Σ_z c_i(z) = 1 over the 6 greatest
 */
export class FamilyAnswers {
  readonly classes: number;
  /** Classes named for item i, from i·`width` on, the most probable first, and c_i of each; 0 where there are fewer. */
  readonly width: number;
  readonly named: Int32Array;
  readonly share: Float32Array;
  /** 1 for an item that some member answered about, length N, and how many there are. */
  readonly has: Uint8Array;
  answered = 0;
  /** m(z) = (Σ_i c_i(z) + 1) / (n + K), the family's habits. Length K. */
  readonly habit: Float64Array;
  readonly #members: readonly Member[];
  readonly #row: Float64Array;
  readonly #one: Float64Array;

  constructor(items: number, classes: number, members: readonly Member[]) {
    this.classes = classes;
    this.width = Math.min(MOST, classes);
    this.named = new Int32Array(items * this.width);
    this.share = new Float32Array(items * this.width);
    this.has = new Uint8Array(items);
    this.habit = new Float64Array(classes).fill(1 / classes);
    this.#members = members;
    this.#row = new Float64Array(classes);
    this.#one = new Float64Array(classes);
  }

  /** Reads all answers again. O(answers · K). */
  read(answers: Annotations): void {
    this.has.fill(0);
    this.answered = 0;
    for (let i = 0; i < answers.items; i++) if (this.#readItem(answers, i)) this.answered++;
    const habit = this.habit.fill(1);
    for (let x = 0; x < this.named.length; x++) if (this.share[x]! > 0) habit[this.named[x]!]! += this.share[x]!;
    for (let z = 0; z < habit.length; z++) habit[z]! /= this.answered + this.classes;
  }

  #readItem(answers: Annotations, i: number): boolean {
    this.share.fill(0, i * this.width, (i + 1) * this.width);
    const row = this.#row.fill(0);
    let count = 0;
    for (let a = answers.firstOfItem[i]!; a >= 0; a = answers.nextOfItem[a]!) {
      const member = this.#members.find(({ model }) => model === answers.worker[a]);
      if (!member) continue;
      count++;
      if (member.simulator.probabilities?.(member.worker, i, this.#one))
        for (let z = 0; z < row.length; z++) row[z]! += this.#one[z]!;
      else row[answers.label[a]!]! += 1;
    }
    if (count === 0) return false;
    this.has[i] = 1;
    let kept = 0;
    const start = i * this.width;
    let filled = 0;
    for (; filled < this.width; filled++) {
      let best = 0;
      for (let z = 1; z < row.length; z++) if (row[z]! > row[best]!) best = z;
      if (!(row[best]! > 0)) break;
      this.named[start + filled] = best;
      kept += this.share[start + filled] = row[best]!;
      row[best] = 0;
    }
    for (let x = start; x < start + filled; x++) this.share[x]! /= kept;
    return true;
  }
}
