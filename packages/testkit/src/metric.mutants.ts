import type { Metric, MetricRequest } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import type { MetricSubject } from './metric.js';
import type { Mutant } from './mutants.js';
import { referenceMetric } from './reference/metric.js';

function mutant(
  name: string,
  breaks: string,
  start: (truth: Truth | null) => (request: MetricRequest, right: Metric) => number | null,
): Mutant<MetricSubject> {
  const make: MetricSubject['make'] = ({ truth }) => {
    const measure = start(truth);
    const right = referenceMetric(truth);
    return { measure: (request) => measure(request, right) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

let measuredOfAll = 0;

export const metricMutants: readonly Mutant<MetricSubject>[] = [
  mutant('0/0 where the group is empty', 'L1', () => (request, right) => {
    const valid = request.beliefs.risk.filter((r) => r <= request.riskThreshold).length;
    return ((right.measure(request) ?? 0) * valid) / valid;
  }),
  mutant(
    'undefined without truth',
    'L1',
    () => (request, right) => right.measure(request) ?? (undefined as unknown as null),
  ),
  mutant('log loss without a floor', 'L1', (truth) => ({ beliefs, annotations }) => {
    if (!truth) return null;
    let sum = 0;
    for (let i = 0; i < annotations.items; i++) {
      sum -= Math.log(beliefs.posterior[i * annotations.classes + truth.classOf[i]!]!);
    }
    return sum;
  }),
  mutant('sorts the risks in place', 'L2', () => (request, right) => {
    const value = right.measure(request);
    request.beliefs.risk.sort().reverse();
    return value;
  }),
  mutant('a running mean', 'L2', () => {
    let mean = 0;
    return (request, right) => (mean = 0.5 * mean + 0.5 * (1 + (right.measure(request) ?? 0)));
  }),
  mutant(
    'a sample of the process',
    'L2',
    () => (request, right) => (right.measure(request) ?? 0) + (measuredOfAll++ % 2),
  ),
  mutant('one number for all', 'S1', (truth) => () => (truth ? 0.5 : null)),
];
