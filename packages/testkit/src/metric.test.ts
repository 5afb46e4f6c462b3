import type { Metric } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { metricMutants } from './metric.mutants.js';
import { describeMetric, metricLaws } from './metric.js';
import { describeSuite } from './mutants.js';
import { referenceMetric } from './reference/metric.js';

const make = ({ truth }: PartSetup): Metric => referenceMetric(truth);

describeMetric('reference', make);

describeSuite('Metric', metricLaws, { 'accuracy of valid items': { make, capabilities: {} } }, metricMutants);
