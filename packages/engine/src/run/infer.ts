import type { Beliefs } from '@quorate/core';
import { calibrationRecord, deliver } from './deliver.js';
import type { DeliveredBeliefs } from './delivered.js';
import { scoreProbabilities, type Scores } from './scores.js';
import { awaitPart, callPart, checkBeliefs, checkMeasure, inference, namesOf } from './part-checks.js';
import type { Journal } from './journal.js';
import type { StepRecord } from './records.js';
import { countValid } from './valid.js';
import type { Setting } from './setting.js';
import type { Parts } from './parts.js';

/** Infers labels and skills, trains the learner, calibrates, and measures what would be delivered. */
export async function infer(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  step: number,
): Promise<{ beliefs: DeliveredBeliefs; record: StepRecord }> {
  setting.onPhase('infer');
  const models = parts.models?.evidence();
  const inferred = await awaitPart(`step ${step} of ${namesOf(setting.names, inference)}`, () =>
    parts.optimizer.step(
      {
        annotations: journal.view,
        riskThreshold: setting.riskThreshold,
        ...(setting.known ? { known: setting.known } : {}),
        onPhase: setting.onPhase,
        ...(models ? { models } : {}),
      },
      setting.rng.fork('optimizer'),
    ),
  );
  checkBeliefs(inferred, setting.dataset, setting.names, step);
  const beliefs = deliver(parts, setting, journal.view, inferred);
  setting.onPhase('measure');
  return { beliefs, record: recordOf(parts, setting, journal, parts.audits.correct(beliefs), step) };
}

/** The figures of what is delivered. */
export function recordOf(
  parts: Parts,
  setting: Setting,
  journal: Journal,
  delivered: DeliveredBeliefs,
  step: number,
): StepRecord {
  const calibration = calibrationRecord(parts, setting, delivered);
  const record = measure(parts, setting, journal, delivered, step);
  return calibration ? { ...record, calibration } : record;
}

function measure(parts: Parts, setting: Setting, journal: Journal, beliefs: Beliefs, step: number): StepRecord {
  const { view } = journal;
  const { dataset, truth, riskThreshold } = setting;
  const N = view.items;
  let labelled = 0;
  for (let x = 0; x < view.annotatedCount; x++) if (view.perItem[view.annotated[x]!]! > 0) labelled++;
  const valid = countValid(beliefs.risk, riskThreshold);
  const score = (probability: Float64Array | Float32Array): Scores | null =>
    truth
      ? scoreProbabilities(
          probability,
          dataset.classes.length,
          truth,
          beliefs.risk,
          riskThreshold,
          dataset.distractorClass,
        )
      : null;
  const extra = [...parts.metrics].map(([name, metric]) => {
    const where = `metric "${name}" of step ${step}`;
    const value = callPart(where, () => metric.measure({ dataset, annotations: view, beliefs, riskThreshold }));
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
    ...(parts.audits.count === null ? {} : { audits: parts.audits.count }),
    ...(parts.models ? { modelAnswers: parts.models.journal.view.live } : {}),
    ...(setting.costs ? { money: setting.costs.spent(parts, journal) } : {}),
  };
}
