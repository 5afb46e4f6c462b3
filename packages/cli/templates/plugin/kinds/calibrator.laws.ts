import { buildComponent, describeCalibrator, describePlugin } from '@quorate/testkit';
import component from './calibrator.js';
import plugin from './index.js';

describePlugin(plugin);
describeCalibrator('my_part', buildComponent(component));
