import type { ClassLabel } from '@quorate/core';
import { checkedOf, reliabilityOf, type Agreement, type Consensus, type Labels } from '@quorate/consensus';

export interface JsonParts {
  /** Everything but the labels, in order. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly consensus: Consensus;
  readonly labels: Labels;
  /** P(class) of every task too. */
  readonly probabilities: boolean;
}

/** One JSON object in chunks, so that millions of labels never are one string: the head, then `labels`, an object a line. */
export function* jsonChunks({ head, consensus, labels, probabilities }: JsonParts): Generator<string, void, undefined> {
  const { answers, posterior, gold } = consensus;
  const K = answers.classes.length;
  const name = (k: number): ClassLabel | null => (k < 0 ? null : answers.classes[k]!);
  yield `${JSON.stringify(head, null, 2).replace(/\n}$/, '')},\n  "labels": [`;
  for (const [i, task] of answers.taskIds.entries()) {
    const one = {
      task,
      label: name(labels.label[i]!),
      confidence: labels.confidence[i]!,
      annotations: labels.annotations[i]!,
      margin: labels.margin[i]!,
      runnerUp: name(labels.runnerUp[i]!),
      needsReview: labels.needsReview[i] === 1,
      ...(gold ? { gold: labels.gold[i] === 1 } : {}),
      sure: labels.sure && labels.label[i]! >= 0 ? labels.sure[i]! : null,
      ...(probabilities
        ? { probabilities: labels.label[i]! < 0 ? null : [...posterior.subarray(i * K, (i + 1) * K)] }
        : {}),
    };
    yield `${i > 0 ? ',' : ''}\n    ${JSON.stringify(one)}`;
  }
  yield '\n  ]\n}\n';
}

/** Agreement with class names instead of numbers. */
export function agreementJson(agreement: Agreement, classes: readonly ClassLabel[]): unknown {
  const perClass = agreement.perClass.map(({ label, ...rest }) => ({ label: classes[label]!, ...rest }));
  return { ...agreement, perClass };
}

/** Numbers of the whole. */
export function sizesJson({ answers }: Consensus, badRows: number): Readonly<Record<string, unknown>> {
  return {
    answers: answers.index.count,
    skips: answers.skipped,
    badRows,
    tasks: answers.taskIds.length,
    workers: answers.workerIds.length,
    classes: answers.classes,
  };
}

/** What confidence is, and how right the labels are expected to be. Null figures where it is not calibrated. */
export function honestyJson(
  { answers, inferred }: Consensus,
  { confidenceIs }: Labels,
): Readonly<Record<string, unknown>> {
  if (confidenceIs === 'uncalibrated') return { confidenceIs, calibration: null, reliability: null };
  const { calibration, accuracy, audit } = inferred!.calibrated!;
  const { slope, growth, bias, gold } = calibration;
  return {
    confidenceIs,
    calibration: { gold, expectedAccuracy: accuracy, slope, growth, bias: [...bias] },
    reliability: reliabilityOf(checkedOf(audit, answers.index.perItem)),
  };
}

/** What the aggregator said of itself. */
export function inferredJson({ inferred }: Consensus): Readonly<Record<string, unknown>> {
  if (!inferred) return { iterations: 0, converged: true, objective: null, classPrior: null };
  const { iterations, converged, objective, classPrior } = inferred;
  return { iterations, converged, objective: objective.at(-1) ?? null, classPrior: classPrior && [...classPrior] };
}
