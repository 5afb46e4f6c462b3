import type { AnnotationColumns, Annotations, Beliefs, Hit, Rng, SampleRequest } from '@quorate/core';
import type { DeliveredBeliefs } from './delivered.js';
import type { Asked, Models } from '../models/models.js';
import type { Journal } from './journal.js';
import { awaitPart, callPart, checkPlan, checkStop, fault, traceOf } from './part-checks.js';
import type { Parts } from './parts.js';
import type { Stop } from './records.js';
import type { Setting } from './setting.js';
import { countValid } from './valid.js';

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
  if (parts.workers.workerIds.length === 0 && !parts.models) return { stopped: 'done', why: 'there is nobody to ask' };
  const why = firstStop(parts, setting, journal.view, beliefs, step);
  if (why !== null) return { stopped: 'rule', why };
  const models = parts.models ? await askModels(parts.models, parts, setting, journal, beliefs, step) : 'nothing';
  // What they have said comes before the next question to a person.
  if (models === 'much') return null;
  const before = journal.entries;
  while (journal.entries === before) {
    const stop = await askOnce(parts, setting, journal, beliefs, step);
    if (stop) return models === 'nothing' ? stop : null;
  }
  if (parts.models) await tryModels(parts.models, parts, setting, journal, step);
  return null;
}

/** Asks the models of the run what they are worth asking. */
export async function askModels(
  models: Models,
  parts: Parts,
  setting: Setting,
  journal: Journal,
  beliefs: Beliefs,
  step: number,
): Promise<Asked> {
  setting.onPhase('ask models');
  const prices = setting.costs?.perWorker(journal) ?? new Float64Array(0);
  return models.ask({
    beliefs,
    people: journal,
    riskThreshold: setting.riskThreshold,
    personPrice: prices.length === 0 ? 0 : prices.reduce((sum, price) => sum + price, 0) / prices.length,
    personStep: parts.workers.workerIds.length === 0 ? 0 : parts.sampler.annotationsPerStep,
    ...modelsMay(parts, setting, journal, step),
  });
}

/** Asks the models that are on trial about what people have answered. */
export async function tryModels(
  models: Models,
  parts: Parts,
  setting: Setting,
  journal: Journal,
  step: number,
): Promise<void> {
  await models.try({ people: journal, ...modelsMay(parts, setting, journal, step) });
}

function modelsMay(parts: Parts, setting: Setting, journal: Journal, step: number) {
  return { moneyLeft: moneyLeft(parts, setting, journal), step, rng: setting.rng.fork('models') };
}

/** Infinity where nobody counts. */
function moneyLeft(parts: Parts, { costs }: Setting, journal: Journal): number {
  return costs && costs.budget < Infinity ? costs.budget - costs.spent(parts, journal).total : Infinity;
}

/** Annotations that what is left of the budgets pays for, whoever answers. */
export function annotationsLeft(parts: Parts, setting: Setting, journal: Journal): number {
  const counted = setting.budget - journal.view.live;
  const left = moneyLeft(parts, setting, journal);
  if (left === Infinity) return counted;
  const dearest = setting.costs!.perWorker(journal).reduce((most, price) => Math.max(most, price), 0);
  return dearest > 0 ? Math.min(counted, Math.floor(left / dearest + 1e-9)) : counted;
}

async function askOnce(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  beliefs: Beliefs,
  step: number,
): Promise<Stop | null> {
  setting.onPhase('choose');
  const budgetLeft = annotationsLeft(parts, setting, journal);
  const K = setting.dataset.classes.length;
  const planned = `plan of the ${setting.names.get('sampler') ?? 'sampler'} in step ${step}`;
  const chosen = planOf(parts, setting, {
    view: journal.view,
    beliefs,
    step,
    budgetLeft,
    rng: setting.rng.fork('sampler'),
    may: (worker, item) => !journal.hasDeclined(worker, item),
    ...(setting.costs ? { prices: setting.costs.perWorker(journal) } : {}),
  });
  const plan = assigned(parts, setting, chosen, journal.view, step);
  if (plan.length === 0) {
    return budgetLeft < 1
      ? { stopped: 'budget', why: `the budget of ${budgetOf(setting, journal)} is spent` }
      : { stopped: 'done', why: 'no task is open that may be asked about' };
  }

  setting.onPhase('ask');
  const questions = questionsOf(plan, journal, budgetLeft, planned);
  const label = new Int32Array(questions.count).fill(UNANSWERED);
  const answers = `answers of the ${setting.names.get('workerSimulator') ?? 'workers'} in step ${step}`;
  await awaitPart(answers, () => parts.workers.answer(questions, label, setting.rng.fork('workers')));
  const odd = label.find((z) => !(z >= DECLINED && z < K));
  if (odd !== undefined) {
    const got = odd === UNANSWERED ? 'a question without an answer' : String(odd);
    throw fault(answers, `a class, 0..${K - 1}, for every question, or -1 where the worker declines`, got);
  }
  store({ ...questions, label }, journal, step);
  return null;
}

/** The budget that is spent. */
export function budgetOf({ budget, costs }: Setting, journal: Journal): string {
  const inMoney = costs !== undefined && costs.budget < Infinity && journal.view.live < budget;
  return inMoney ? `${costs.budget}${costs.currency === '' ? '' : ` ${costs.currency}`}` : `${budget} annotations`;
}

/** The plan for those whom the source of answers puts in the place of the sampler's workers. */
function assigned(
  { workers }: Parts,
  setting: Setting,
  plan: readonly Hit[],
  view: Annotations,
  step: number,
): readonly Hit[] {
  if (!workers.assign) return plan;
  const where = `assignment by the ${setting.names.get('workerSimulator') ?? 'workers'} in step ${step}`;
  return checkPlan(
    callPart(where, () => workers.assign!(plan, view)),
    where,
  );
}

/** Whom the sampler would ask what; an item that is given up is closed to it. Throws PART_FAILED where it breaks its contract. */
export function planOf(
  parts: Parts,
  setting: Setting,
  request: Pick<SampleRequest, 'budgetLeft' | 'may' | 'prices'> & {
    view: Annotations;
    beliefs: Beliefs & Partial<Pick<DeliveredBeliefs, 'givenUp'>>;
    step: number;
    rng: Rng;
  },
): readonly Hit[] {
  const { view, beliefs, step, budgetLeft, rng } = request;
  const { givenUp } = beliefs;
  const { workers } = parts;
  const may: SampleRequest['may'] = (worker, item) =>
    givenUp?.[item] !== 1 && request.may(worker, item) && (workers.may?.(worker, item, view) ?? true);
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
    ...(request.prices ? { prices: request.prices } : {}),
  };
  const plan = checkPlan(
    callPart(where, () => parts.sampler.plan(asked, rng)),
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
        callPart(where, () => rule.stop(request)),
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
