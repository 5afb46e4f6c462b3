import type { RunRecord } from '@quorate/core';
import type { KeptStep, MetricsSinkSubject } from './metrics-sink.js';
import type { Mutant } from './mutants.js';

/** Keeps steps in memory. `change` says what is done with a record before it is kept. */
export function memorySink(change: (record: RunRecord, told: number) => RunRecord | null = (record) => record) {
  return async (): ReturnType<MetricsSinkSubject['make']> => {
    let kept: KeptStep[] = [];
    let told = 0;
    const write = async (given: RunRecord): Promise<void> => {
      const record = change(given, told++);
      if (record?.type === 'start') kept = kept.filter(({ run }) => run !== record.run);
      if (record?.type === 'step') kept.push(record);
    };
    return { sink: { write }, read: async () => kept };
  };
}

const mutant = (
  name: string,
  breaks: string,
  change: Parameters<typeof memorySink>[0],
): Mutant<MetricsSinkSubject> => ({
  name,
  breaks,
  subject: { make: memorySink(change), capabilities: {} },
});
const ofSteps = (change: (record: Extract<RunRecord, { type: 'step' }>) => RunRecord | null) => (record: RunRecord) =>
  record.type === 'step' ? change(record) : record;

export const metricsSinkMutants: readonly Mutant<MetricsSinkSubject>[] = [
  mutant(
    'numbers steps anew',
    'L1',
    ofSteps((record) => ({ ...record, step: record.step / 200 })),
  ),
  mutant(
    'drops what is zero',
    'L1',
    ofSteps(({ metrics, ...rest }) => ({
      ...rest,
      metrics: Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0)),
    })),
  ),
  mutant(
    'rounds to four digits',
    'L1',
    ofSteps(({ metrics, ...rest }) => ({
      ...rest,
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number(value.toFixed(4))])),
    })),
  ),
  mutant(
    'knows one metric only',
    'L1',
    ofSteps(({ metrics, ...rest }) => ({ ...rest, metrics: { accuracy: metrics['accuracy']! } })),
  ),
  mutant('puts all runs together', 'L2', (record) => ({ ...record, run: 'one' })),
  mutant(
    'ends with the first end',
    'L2',
    (() => {
      let over = false;
      return (record: RunRecord) => {
        if (record.type === 'start') over = false;
        if (record.type === 'end') over = true;
        return over && record.type === 'step' ? null : record;
      };
    })(),
  ),
  mutant('appends to a run of the same name', 'L3', (record) => (record.type === 'start' ? null : record)),
];
