import type { Annotations, Beliefs, Hit } from '@quorate/core';
import { traceOf, checkPlan, called, fault, calling, checkStop } from './part-checks.js';
import type { Parts } from './parts.js';
import type { Stop } from './records.js';
import type { Setting } from './setting.js';
import type { Journal } from './journal.js';
import { countValid } from './valid.js';

/** Chooses what to ask and whom, asks, and stores the answers; or says why nothing is asked any more. */

export async function ask(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  beliefs: Beliefs,
  step: number,
): Promise<Stop | null> {
  const why = firstStop(parts, setting, journal.view, beliefs, step);
  if (why !== null) return { stopped: 'rule', why };

  setting.onPhase('choose');
  const budgetLeft = setting.budget - journal.view.live;
  const K = setting.dataset.classes.length;
  const { probability } = beliefs.workers;
  const planned = `plan of the ${setting.names.get('sampler') ?? 'sampler'} in step ${step}`;
  const before = traceOf(beliefs);
  const request = {
    annotations: journal.view,
    posterior: beliefs.posterior,
    risk: beliefs.risk,
    riskThreshold: setting.riskThreshold,
    budgetLeft,
    skill: (worker: number, k: number) => probability[(worker * K + k) * K + k]!,
    confusions: beliefs.workers,
  };
  const plan = checkPlan(
    called(planned, () => parts.sampler.plan(request, setting.rng.fork('sampler'))),
    planned,
  );
  if (traceOf(beliefs) !== before) throw fault(planned, 'the posterior and the risk left as they were', 'them changed');
  if (plan.length === 0) {
    return budgetLeft < 1
      ? { stopped: 'budget', why: `the budget of ${setting.budget} annotations is spent` }
      : { stopped: 'done', why: 'no task is open that may be asked about' };
  }

  setting.onPhase('ask');
  const questions = questionsOf(plan, journal.view, budgetLeft, planned);
  const label = new Int32Array(questions.count).fill(-1);
  const answers = `answers of the ${setting.names.get('workerSimulator') ?? 'workers'} in step ${step}`;
  await calling(answers, () => parts.workers.answer(questions, label, setting.rng.fork('workers')));
  const odd = label.find((z) => !(z >= 0 && z < K));
  if (odd !== undefined) throw fault(answers, `a class, 0..${K - 1}, for every question`, `${odd}`);
  journal.collect({ ...questions, label }, step);
  return null;
}
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
  };
  let why: string | null = null;
  // Every rule is asked, also after one has said stop: they keep a history.
  const where = `answer of ${setting.names.get('stoppingRule') ?? 'stop'} in step ${step}`;
  for (const rule of parts.stoppingRules)
    why =
      checkStop(
        called(where, () => rule.stop(request)),
        where,
      ) ?? why;
  return why;
}
export function questionsOf(plan: readonly Hit[], view: Annotations, budgetLeft: number, where: string) {
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
      item[a] = i;
      worker[a++] = hit.worker;
    }
  }
  if (count === 0) throw fault(where, 'HITs with items, or an empty plan', 'HITs without items');
  return { count, item, worker };
}
