import { buildComponent, describeCalibration, describePlugin } from '@quorate/testkit';
import component from './calibration.js';
import plugin from './index.js';

describePlugin(plugin);
describeCalibration('my_part', buildComponent(component));
