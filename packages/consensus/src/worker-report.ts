import type { ClassLabel } from '@quorate/core';
import { betaQuantile } from './beta.js';
import { peerModelOf } from './confusion-counts.js';
import type { Consensus } from './consensus.js';
import { sharedMistakes } from './copiers.js';
import { gatherEvidence } from './worker-evidence.js';
import { flagsOf, type Flag } from './worker-flags.js';

export interface WorkerReport {
  readonly worker: string;
  readonly answers: number;
  readonly skips: number;
  /** Answers to tasks that another worker answered too, or whose true class was given. */
  readonly compared: number;
  /** Mean probability of their answers in the consensus without their own, 0..1; null with nothing to compare. */
  readonly agreement: number | null;
  /**
   * Accuracy, with an equal-tailed 95 % credible interval: mean and quantiles of Beta(1/2 + s, 1/2 + n - s), the
   * posterior under Jeffreys' prior with n compared answers of which s = n · agreement are taken as right. Null with
   * nothing to compare.
   */
  readonly skill: number | null;
  readonly skillLow: number | null;
  readonly skillHigh: number | null;
  /** The aggregator's own figure for their skill, in its own scale; null where it has none. */
  readonly modelSkill: number | null;
  /** What they mistake most often: share of the tasks of class `from` that they say are `to`. */
  readonly worstConfusion: { readonly from: ClassLabel; readonly to: ClassLabel; readonly share: number } | null;
  readonly flags: readonly Flag[];
}

/** What can be said of every worker, in order of first appearance. */
export function reportWorkers(consensus: Consensus): readonly WorkerReport[] {
  const { answers, inferred } = consensus;
  const { index, workerIds, classes, skips } = answers;
  const evidence = gatherEvidence(peerModelOf(consensus));
  const names = { worker: (j: number) => workerIds[j]!, label: (k: number) => String(classes[k]!) };
  const flags = flagsOf(evidence, sharedMistakes(index, evidence), names);
  return workerIds.map((worker, j) => {
    const n = evidence.compared[j]!;
    const right = evidence.right[j]!;
    const quantile = (p: number): number | null => (n > 0 ? betaQuantile(p, right + 0.5, n - right + 0.5) : null);
    const worst = evidence.worst[j];
    return {
      worker,
      answers: index.perWorker[j]!,
      skips: skips[j]!,
      compared: n,
      agreement: n > 0 ? right / n : null,
      skill: n > 0 ? (right + 0.5) / (n + 1) : null,
      skillLow: quantile(0.025),
      skillHigh: quantile(0.975),
      modelSkill: inferred && index.perWorker[j]! > 0 ? inferred.skill[j]! : null,
      worstConfusion: worst ? { from: classes[worst.from]!, to: classes[worst.to]!, share: worst.share } : null,
      flags: flags[j]!,
    };
  });
}
