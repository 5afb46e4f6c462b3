import type { Annotations, Beliefs, CalibratedBeliefs } from '@quorate/core';
import { asInferred, type CalibrationRecord, type DeliveredBeliefs } from './delivered.js';
import { callPart, checkRows, fault, taskOf, traceOf } from './part-checks.js';
import type { Parts } from './parts.js';
import type { Setting } from './setting.js';

/** Calibrates what was inferred, with the audits that may be known. Throws PART_FAILED where the part breaks its contract. */
export function deliver(parts: Parts, setting: Setting, view: Annotations, inferred: Beliefs): DeliveredBeliefs {
  const { calibration, prototypeAnswers } = parts;
  if (!calibration?.calibrates) return asInferred(inferred);
  setting.onPhase('calibrate');
  const where = `what the ${setting.names.get('calibration') ?? 'calibration'} delivers`;
  const before = traceOf(inferred);
  const calibrated = callPart(where, () =>
    calibration.calibrate({
      annotations: view,
      beliefs: inferred,
      known: parts.audits.disclosed(),
      prototypes: prototypeAnswers,
      prototypeClass: setting.dataset.prototypes.classOf,
    }),
  );
  if (traceOf(inferred) !== before) throw fault(where, 'the posterior and the risk left as they were', 'them changed');
  checkCalibrated(calibrated, setting, where);
  const { posterior, risk, gain } = calibrated;
  const givenUp = gain && givenUpBy(gain, calibration.minGain, view);
  return { ...inferred, posterior, risk, inferred, calibrated, givenUp };
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
  { audits, prototypeAnswers }: Parts,
  { calibrated, givenUp, risk }: DeliveredBeliefs,
  riskThreshold: number,
): CalibrationRecord | null {
  if (!calibrated) return null;
  return {
    known: audits.disclosed().item.length,
    prototypeAnswers: prototypeAnswers?.count ?? 0,
    accuracy: calibrated.accuracy,
    givenUp: givenUp ? givenUp.reduce((sum, one, i) => sum + (one === 1 && risk[i]! > riskThreshold ? 1 : 0), 0) : 0,
  };
}
