import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { CrowdCalibration } from './crowd-calibration.js';

export default defineComponent({
  kind: 'calibration',
  name: 'crowd',
  summary: 'confidence for the answers of real people, who share mistakes; audits and answers to prototypes correct it',
  options: z.strictObject({
    dependence: z
      .number()
      .gt(0)
      .default(5)
      .describe('answers to one task are worth no more than about so many independent ones'),
    minGain: z
      .number()
      .min(0)
      .max(1)
      .default(0.002)
      .describe('a task of which further answers are each expected to gain less needs an expert; 0: ask on'),
    askPrototypes: z.boolean().default(false).describe('ask workers about the prototypes too, to calibrate with them'),
    answersPerPrototype: z.int().min(1).default(3).describe('answers about each prototype, with askPrototypes'),
  }),
  create: (options) => new CrowdCalibration(options),
});
