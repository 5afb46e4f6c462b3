import { isQuorateError, makeRng, type Registry } from '@quorate/core';
import {
  Consensus,
  accuracies,
  agreementBetween,
  calibrationError,
  confidencesOf,
  goldOf,
  openAggregator,
  scoresOf,
  type CrowdAnswers,
  type GoldLabel,
  type MethodAccuracy,
  type MethodResult,
} from '@quorate/consensus';

export interface CompareRequest {
  readonly registry: Registry;
  readonly answers: CrowdAnswers;
  /** Held out: no aggregator sees it. */
  readonly gold: readonly GoldLabel[];
  readonly seed: number;
  /** Says which aggregator is at work. */
  readonly onMethod?: (name: string) => void;
}

/** How far a method's confidence holds. */
interface Calibration {
  /** Mean confidence in the labels of the gold tasks. */
  readonly claimed: number;
  /** Expected calibration error over them. */
  readonly ece: number;
}

export interface Comparison {
  readonly methods: readonly string[];
  /** methods × methods: share of the answered tasks that both label alike; null without answered tasks. */
  readonly agreement: Float64Array | null;
  /** In the order of `methods`; null without gold tasks that have an answer. */
  readonly accuracy: readonly (MethodAccuracy & Calibration)[] | null;
  readonly gold: {
    readonly tasks: number;
    readonly elsewhere: number;
    readonly withoutAnswers: number;
    readonly unheard: number;
  } | null;
  /** What could not be run here, and why. */
  readonly notRun: readonly { readonly name: string; readonly why: string }[];
  /** What aggregators said of themselves. */
  readonly notes: readonly { readonly name: string; readonly note: string }[];
}

/** Every aggregator that can work on answers alone, on the same answers. */
export async function compareMethods({ registry, answers, gold, seed, onMethod }: CompareRequest): Promise<Comparison> {
  const results: MethodResult[] = [];
  const notRun: { name: string; why: string }[] = [];
  const notes: { name: string; note: string }[] = [];
  for (const { value } of registry.components('aggregator')) {
    const { name } = value;
    try {
      const aggregator = await openAggregator({ registry, name, options: {}, seed });
      onMethod?.(name);
      const consensus = new Consensus({ answers, aggregator });
      consensus.settle();
      results.push({ name, posterior: consensus.posterior });
      for (const note of consensus.inferred?.notes ?? []) notes.push({ name, note });
    } catch (thrown) {
      if (!isQuorateError(thrown)) throw thrown;
      const { expected, got } = thrown.detail;
      notRun.push({ name, why: `expected ${expected}, got ${got}` });
    }
  }
  const methods = results.map(({ name }) => name);
  const agreement = results.length > 0 ? agreementBetween(results, answers) : null;
  const shared = { methods, agreement, notRun, notes };
  if (gold.length === 0) return { ...shared, accuracy: null, gold: null };
  const { classOf, known, elsewhere, unheard } = goldOf(answers, gold, false);
  const scored = results.map((result) => ({
    name: result.name,
    scores: scoresOf(result, answers, classOf),
    confidence: confidencesOf(result, answers, classOf),
  }));
  const tasks = scored[0]?.scores.length ?? 0;
  return {
    ...shared,
    accuracy:
      tasks > 0
        ? accuracies(scored, makeRng(seed).fork('bootstrap')).map((one, m) => {
            const { confidence, scores: right } = scored[m]!;
            const claimed = confidence.reduce((sum, p) => sum + p, 0) / tasks;
            return { ...one, claimed, ece: calibrationError({ confidence, right }) };
          })
        : null,
    gold: { tasks, elsewhere, withoutAnswers: known - tasks, unheard },
  };
}
