import { defineComponent, type Calibration } from '@quorate/core';
import { z } from 'zod';

/** Delivers what was inferred. */
export function noCalibration(): Calibration {
  return {
    calibrates: false,
    meaning: 'not calibrated',
    minGain: 0,
    answersPerPrototype: 0,
    calibrate: ({ beliefs: { posterior, risk } }) => ({
      posterior: posterior.slice(),
      risk: risk.slice(),
      sure: null,
      gain: null,
      accuracy: null,
    }),
  };
}

export default defineComponent({
  kind: 'calibration',
  name: 'none',
  summary: 'delivers what was inferred, which is honest where workers err independently',
  options: z.strictObject({}),
  create: () => noCalibration(),
});
