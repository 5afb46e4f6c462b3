import { buildComponent, describeCalibration } from '@quorate/testkit';
import crowd from './calibration-crowd.js';
import none from './no-calibration.js';

describeCalibration('crowd', buildComponent(crowd));
describeCalibration('none', buildComponent(none), { passes: true });
