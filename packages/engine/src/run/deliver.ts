import type { Annotations, Beliefs, CalibratedBeliefs, KnownClasses } from '@quorate/core';
import { asInferred, type CalibrationRecord, type DeliveredBeliefs } from './delivered.js';
import { callPart, checkRows, fault, taskOf, traceOf } from './part-checks.js';
import type { Parts } from './parts.js';
import type { Setting } from './setting.js';

/** Calibrates what was inferred, with the audits that may be known. Throws PART_FAILED where the part breaks its contract. */
export function deliver(parts: Parts, setting: Setting, view: Annotations, inferred: Beliefs): DeliveredBeliefs {
  const { calibration, prototypeAnswers } = parts;
  if (!calibration?.calibrates) return asInferred(withKnown(inferred, setting.known));
  setting.onPhase('calibrate');
  const where = `what the ${setting.names.get('calibration') ?? 'calibration'} delivers`;
  const before = traceOf(inferred);
  const calibrated = callPart(where, () =>
    calibration.calibrate({
      annotations: view,
      beliefs: inferred,
      known: knownOf(parts, setting),
      prototypes: prototypeAnswers,
      prototypeClass: setting.dataset.prototypes.classOf,
    }),
  );
  if (traceOf(inferred) !== before) throw fault(where, 'the posterior and the risk left as they were', 'them changed');
  checkCalibrated(calibrated, setting, where);
  const { posterior, risk, gain } = calibrated;
  const givenUp = gain && givenUpBy(gain, calibration.minGain, view);
  return { ...inferred, ...withKnown({ posterior, risk }, setting.known), inferred, calibrated, givenUp };
}

/** What an expert has said, and gold. */
function knownOf({ audits }: Parts, { known }: Setting): KnownClasses {
  const told = audits.disclosed();
  if (!known) return told;
  const join = (of: (classes: KnownClasses) => Int32Array): Int32Array => Int32Array.from([...of(told), ...of(known)]);
  return { item: join(({ item }) => item), label: join(({ label }) => label) };
}

/** The same with the class of each item that is known: a copy, where there are any. */
function withKnown<B extends Pick<Beliefs, 'posterior' | 'risk'>>(beliefs: B, known: KnownClasses | undefined): B {
  if (!known) return beliefs;
  const [posterior, risk] = [beliefs.posterior.slice(), beliefs.risk.slice()];
  const K = posterior.length / risk.length;
  known.item.forEach((item, g) => {
    posterior.fill(0, item * K, (item + 1) * K);
    posterior[item * K + known.label[g]!] = 1;
    risk[item] = 0;
  });
  return { ...beliefs, posterior, risk };
}

/** An item that nobody has answered is not given up: its first answer is worth most. */
function givenUpBy(gain: Float64Array, least: number, { perItem }: Annotations): Uint8Array {
  return Uint8Array.from(gain, (gained, i) => (perItem[i]! > 0 && gained < least ? 1 : 0));
}

function checkCalibrated({ posterior, risk }: CalibratedBeliefs, { dataset }: Setting, where: string): void {
  checkRows(posterior, dataset, where, 1e-6, true);
  const N = dataset.taskIds.length;
  if (risk.length !== N) throw fault(where, `${N} risks`, String(risk.length));
  const odd = risk.findIndex((r) => !(r >= -1e-6 && r <= 1));
  if (odd >= 0) throw fault(`${where}, ${taskOf(dataset, odd)}`, 'a risk in 0..1', String(risk[odd]));
}

/** Null where nothing is calibrated. */
export function calibrationRecord(
  parts: Parts,
  setting: Setting,
  { calibrated, givenUp, risk }: DeliveredBeliefs,
): CalibrationRecord | null {
  if (!calibrated) return null;
  return {
    known: knownOf(parts, setting).item.length,
    prototypeAnswers: parts.prototypeAnswers?.count ?? 0,
    accuracy: calibrated.accuracy,
    givenUp: givenUp
      ? givenUp.reduce((sum, one, i) => sum + (one === 1 && risk[i]! > setting.riskThreshold ? 1 : 0), 0)
      : 0,
  };
}
