import type {
  AnnotationColumns,
  Annotations,
  Beliefs,
  Dataset,
  Hit,
  Metric,
  Optimizer,
  Rng,
  SampleRequest,
  Sampler,
  StoppingRule,
  WorkerSimulator,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import type { Auditor } from './audit.js';
import { scoreProbabilities, type Scores } from './metrics.js';
import {
  called,
  calling,
  checkBeliefs,
  checkMeasure,
  checkPlan,
  checkStop,
  fault,
  inference,
  through,
  traceOf,
  type PartNames,
} from './part-checks.js';
import type { Journal } from './store.js';

/** The parts of a run that the loop calls. */
export interface Parts {
  readonly sampler: Sampler;
  readonly workers: WorkerSimulator;
  readonly optimizer: Optimizer;
  readonly stoppingRules: readonly StoppingRule[];
  /** Extra metrics by name. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Where a stopping rule audits. */
  readonly auditor: Auditor | null;
}

/** What does not change during a run. */
export interface Setting {
  readonly dataset: Dataset;
  readonly truth: Truth | null;
  /** For errors: which part of which plugin. */
  readonly names: PartNames;
  readonly riskThreshold: number;
  /** Most annotations of the run; Infinity without a budget. */
  readonly budget: number;
  readonly rng: Rng;
  /** Called between the phases of a step: progress. */
  readonly onPhase: (phase: string) => void;
}

/** One line of `steps.jsonl`. */
export interface StepRecord {
  readonly step: number;
  readonly annotations: number;
  readonly annotationsPerItem: number;
  /** Items whose risk is at or below the threshold, and their share. */
  readonly valid: number;
  readonly validShare: number;
  /** Share of the items that have an annotation. */
  readonly labelled: number;
  /** Null where the truth is not known. */
  readonly aggregate: Scores | null;
  /** Null without a learner, or where the truth is not known. */
  readonly learner: Scores | null;
  /** Extra metrics of the configuration, by name; left out without any. */
  readonly metrics?: Readonly<Record<string, number | null>>;
  /** Questions that workers declined so far, which are no annotations; left out while there are none. */
  readonly declined?: number;
  /** Audits before this step, which are no annotations; left out where no stopping rule audits. */
  readonly audits?: number;
}

/** Why a run asks nothing more: every task is done, the budget is spent, or a stopping rule says so. */
export interface Stop {
  readonly stopped: 'done' | 'budget' | 'rule';
  readonly why: string;
}

/**
 * Chooses what to ask and whom, asks, and stores the answers; or says why nothing is asked any more. Where all that were
 * asked decline, others are asked.
 */
export async function ask(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  beliefs: Beliefs,
  step: number,
): Promise<Stop | null> {
  const why = firstStop(parts, setting, journal.view, beliefs, step);
  if (why !== null) return { stopped: 'rule', why };
  const before = journal.entries;
  while (journal.entries === before) {
    const stop = await askOnce(parts, setting, journal, beliefs, step);
    if (stop) return stop;
  }
  return null;
}

async function askOnce(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  beliefs: Beliefs,
  step: number,
): Promise<Stop | null> {
  setting.onPhase('choose');
  const budgetLeft = setting.budget - journal.view.live;
  const K = setting.dataset.classes.length;
  const planned = `plan of the ${setting.names.get('sampler') ?? 'sampler'} in step ${step}`;
  const plan = planOf(parts, setting, {
    view: journal.view,
    beliefs,
    step,
    budgetLeft,
    rng: setting.rng.fork('sampler'),
    may: (worker, item) => !journal.hasDeclined(worker, item),
  });
  if (plan.length === 0) {
    return budgetLeft < 1
      ? { stopped: 'budget', why: `the budget of ${setting.budget} annotations is spent` }
      : { stopped: 'done', why: 'no task is open that may be asked about' };
  }

  setting.onPhase('ask');
  const questions = questionsOf(plan, journal, budgetLeft, planned);
  const label = new Int32Array(questions.count).fill(UNANSWERED);
  const answers = `answers of the ${setting.names.get('workerSimulator') ?? 'workers'} in step ${step}`;
  await calling(answers, () => parts.workers.answer(questions, label, setting.rng.fork('workers')));
  const odd = label.find((z) => !(z >= DECLINED && z < K));
  if (odd !== undefined) {
    const got = odd === UNANSWERED ? 'a question without an answer' : String(odd);
    throw fault(answers, `a class, 0..${K - 1}, for every question, or -1 where the worker declines`, got);
  }
  store({ ...questions, label }, journal, step);
  return null;
}

/** Whom the sampler would ask what. Throws PART_FAILED where it breaks its contract. */
export function planOf(
  parts: Parts,
  setting: Setting,
  request: Pick<SampleRequest, 'budgetLeft' | 'may'> & { view: Annotations; beliefs: Beliefs; step: number; rng: Rng },
): readonly Hit[] {
  const { view, beliefs, step, budgetLeft, rng, may } = request;
  const K = view.classes;
  const { probability } = beliefs.workers;
  const where = `plan of the ${setting.names.get('sampler') ?? 'sampler'} in step ${step}`;
  const before = traceOf(beliefs);
  const asked = {
    annotations: view,
    posterior: beliefs.posterior,
    risk: beliefs.risk,
    riskThreshold: setting.riskThreshold,
    budgetLeft,
    skill: (worker: number, k: number) => probability[(worker * K + k) * K + k]!,
    confusions: beliefs.workers,
    learner: beliefs.learner,
    may,
  };
  const plan = checkPlan(
    called(where, () => parts.sampler.plan(asked, rng)),
    where,
  );
  if (traceOf(beliefs) !== before) throw fault(where, 'the posterior and the risk left as they were', 'them changed');
  return plan;
}

/** The label of a question that the worker declined, and of one that the simulator has not dealt with. */
const DECLINED = -1;
const UNANSWERED = -0x80000000;

function store(answers: AnnotationColumns, journal: Journal, step: number): void {
  const { item, worker, label } = answers;
  if (!label.includes(DECLINED)) {
    journal.collect(answers, step);
    return;
  }
  label.forEach((z, a) => z === DECLINED && journal.decline(worker[a]!, item[a]!));
  const answered = (column: Int32Array): Int32Array => column.filter((_, a) => label[a] !== DECLINED);
  const kept = answered(label);
  journal.collect({ count: kept.length, item: answered(item), worker: answered(worker), label: kept }, step);
}

/** Infers labels and skills, trains the learner, and measures what would be delivered. */
export async function infer(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  step: number,
): Promise<{ beliefs: Beliefs; record: StepRecord }> {
  setting.onPhase('infer');
  const beliefs = await calling(`step ${step} of ${through(setting.names, inference)}`, () =>
    parts.optimizer.step(
      { annotations: journal.view, riskThreshold: setting.riskThreshold, onPhase: setting.onPhase },
      setting.rng.fork('optimizer'),
    ),
  );
  checkBeliefs(beliefs, setting.dataset, setting.names, step);
  setting.onPhase('measure');
  const delivered = parts.auditor?.correct(beliefs) ?? beliefs;
  return { beliefs, record: measure(parts, setting, journal, delivered, step) };
}

/** Asks every stopping rule: why to stop, or null. Once for each step, for they keep a history. */
export function firstStop(
  parts: Parts,
  setting: Setting,
  view: Annotations,
  beliefs: Beliefs,
  step: number,
): string | null {
  const request = {
    valid: countValid(beliefs.risk, setting.riskThreshold),
    items: view.items,
    annotations: view.live,
    annotationsPerStep: parts.sampler.annotationsPerStep,
    view,
    beliefs,
    riskThreshold: setting.riskThreshold,
  };
  const before = traceOf(beliefs);
  let why: string | null = null;
  // Every rule is asked, also after one has said stop: they keep a history.
  const where = `answer of ${setting.names.get('stoppingRule') ?? 'stop'} in step ${step}`;
  for (const rule of parts.stoppingRules)
    why =
      checkStop(
        called(where, () => rule.stop(request)),
        where,
      ) ?? why;
  if (traceOf(beliefs) !== before) throw fault(where, 'the posterior and the risk left as they were', 'them changed');
  return why;
}

function questionsOf(plan: readonly Hit[], journal: Journal, budgetLeft: number, where: string) {
  const { view } = journal;
  const count = plan.reduce((sum, hit) => sum + hit.items.length, 0);
  if (count > budgetLeft) throw fault(where, `at most ${budgetLeft} annotations`, `${count}`);
  const item = new Int32Array(count);
  const worker = new Int32Array(count);
  let a = 0;
  for (const hit of plan) {
    if (!(hit.worker >= 0 && hit.worker < view.workers))
      throw fault(where, `a worker below ${view.workers}`, `${hit.worker}`);
    for (const i of hit.items) {
      if (!(i >= 0 && i < view.items)) throw fault(where, `an item below ${view.items}`, `${i}`);
      if (journal.hasDeclined(hit.worker, i)) {
        const got = `worker "${journal.workerIds[hit.worker]}" asked again about an item that they declined (${i})`;
        throw fault(where, 'questions that `may` allows', got);
      }
      item[a] = i;
      worker[a++] = hit.worker;
    }
  }
  if (count === 0) throw fault(where, 'HITs with items, or an empty plan', 'HITs without items');
  return { count, item, worker };
}

/** Items whose risk is at or below the threshold. */
export function countValid(risk: Float64Array, threshold: number): number {
  let valid = 0;
  for (let i = 0; i < risk.length; i++) if (risk[i]! <= threshold) valid++;
  return valid;
}

function measure(parts: Parts, setting: Setting, journal: Journal, beliefs: Beliefs, step: number): StepRecord {
  const { view } = journal;
  const { dataset, truth, riskThreshold } = setting;
  const N = view.items;
  let labelled = 0;
  for (let x = 0; x < view.annotatedCount; x++) if (view.perItem[view.annotated[x]!]! > 0) labelled++;
  const valid = countValid(beliefs.risk, riskThreshold);
  const score = (probability: Float64Array | Float32Array): Scores | null =>
    truth ? scoreProbabilities(probability, dataset.classes.length, truth, beliefs.risk, riskThreshold) : null;
  const extra = [...parts.metrics].map(([name, metric]) => {
    const where = `metric "${name}" of step ${step}`;
    const value = called(where, () => metric.measure({ dataset, annotations: view, beliefs, riskThreshold }));
    return [name, checkMeasure(value, where)] as const;
  });
  return {
    step,
    annotations: view.live,
    annotationsPerItem: view.live / N,
    valid,
    validShare: valid / N,
    labelled: labelled / N,
    aggregate: score(beliefs.posterior),
    learner: beliefs.learner ? score(beliefs.learner.probability) : null,
    ...(extra.length > 0 ? { metrics: Object.fromEntries(extra) } : {}),
    ...(journal.declined > 0 ? { declined: journal.declined } : {}),
    ...(parts.auditor ? { audits: parts.auditor.count } : {}),
  };
}
