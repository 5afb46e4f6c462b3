import { memorySink, metricsSinkMutants } from './metrics-sink.mutants.js';
import { describeMetricsSink, metricsSinkLaws } from './metrics-sink.js';
import { describeSuite } from './mutants.js';

describeMetricsSink('a list in memory', memorySink());

describeSuite(
  'MetricsSink',
  metricsSinkLaws,
  { 'a list in memory': { make: memorySink(), capabilities: {} } },
  metricsSinkMutants,
);
