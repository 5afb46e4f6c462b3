import { calibrationLaws, describeCalibration } from './calibration.js';
import { calibrationMutants } from './calibration.mutants.js';
import { describeSuite } from './mutants.js';
import { referenceCalibration } from './reference/calibration.js';

describeCalibration('reference', () => referenceCalibration());

describeSuite(
  'Calibration',
  calibrationLaws,
  { 'powers of what was inferred': { make: () => referenceCalibration(), capabilities: {} } },
  calibrationMutants,
);
