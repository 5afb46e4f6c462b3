import { calibratorMutants } from './calibrator.mutants.js';
import { calibratorLaws, describeCalibrator } from './calibrator.js';
import { describeSuite } from './mutants.js';
import { referenceCalibrator } from './reference/calibrator.js';

describeCalibrator('reference', () => referenceCalibrator());

describeSuite(
  'Calibrator',
  calibratorLaws,
  { 'a temperature of a grid': { make: () => referenceCalibrator(), capabilities: {} } },
  calibratorMutants,
);
