import type { MetricsSink, RunRecord } from '@quorate/core';
import { describeLaws, must, type Law, type SuiteOptions } from './law.js';

/** What a sink has kept of one step. */
export interface KeptStep {
  readonly run: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface MetricsSinkSubject {
  /** A sink with nothing in it, and a way to read back what it keeps, runs and steps in any order. */
  readonly make: () => Promise<{ readonly sink: MetricsSink; readonly read: () => Promise<readonly KeptStep[]> }>;
  readonly capabilities: SuiteOptions;
}

const start = (run: string): RunRecord => ({
  run,
  type: 'start',
  config: { seed: 1, 'sampler.use': 'random', classes: null },
});
const step = (run: string, n: number, metrics: Record<string, number>): RunRecord => ({
  run,
  type: 'step',
  step: n,
  metrics,
});
const end = (run: string): RunRecord => ({ run, type: 'end', status: 'done' });

const figures = [
  { accuracy: 0.1234567, 'metrics.log_loss': -2.5e-7 },
  { accuracy: 1, annotations: 123_456 },
  { accuracy: 0, 'metrics.log_loss': 3.25 },
];

/** Kept to the precision of a 32-bit float? */
function mustBe(kept: readonly KeptStep[], told: readonly KeptStep[]): void {
  const names = (all: readonly KeptStep[]): string[] =>
    all.flatMap(({ run, step: n, metrics }) => Object.keys(metrics).map((name) => `${run} step ${n} ${name}`)).sort();
  const [there, wanted] = [names(kept), names(told)];
  must(there.join('\n') === wanted.join('\n'), () => `kept ${there.join('; ')} and was told ${wanted.join('; ')}`);
  for (const { run, step: n, metrics } of told) {
    const found = Object.assign(
      {},
      ...kept.filter((one) => one.run === run && one.step === n).map((one) => one.metrics),
    ) as Record<string, number>;
    for (const [name, value] of Object.entries(metrics)) {
      const right = Math.fround(found[name]!) === Math.fround(value);
      must(right, () => `${name} of ${run}, step ${n}, is ${found[name]} and was ${value}`);
    }
  }
}

export const metricsSinkLaws: readonly Law<MetricsSinkSubject>[] = [
  {
    id: 'L1',
    text: 'every step of every run arrives: its number, and each metric, to the precision of a 32-bit float',
    check: async ({ make }) => {
      const { sink, read } = await make();
      const told = figures.map((metrics, n) => ({ run: 'one', step: 200 * n, metrics }));
      await sink.write(start('one'));
      for (const one of told) await sink.write(step(one.run, one.step, one.metrics));
      await sink.write(end('one'));
      mustBe(await read(), told);
    },
  },
  {
    id: 'L2',
    text: 'runs that are told of in turns are kept apart',
    check: async ({ make }) => {
      const { sink, read } = await make();
      const told: KeptStep[] = [];
      for (const run of ['a', 'b']) await sink.write(start(run));
      for (const [n, metrics] of figures.entries()) {
        for (const [run, shift] of [
          ['a', 0],
          ['b', 0.5],
        ] as const) {
          const shifted = { ...metrics, accuracy: metrics.accuracy + shift };
          told.push({ run, step: n, metrics: shifted });
          await sink.write(step(run, n, shifted));
        }
        if (n === 1) await sink.write(end('nobody'));
      }
      for (const run of ['b', 'a']) await sink.write(end(run));
      mustBe(await read(), told);
    },
  },
  {
    id: 'L3',
    text: 'a run that starts again replaces what was told of it: nothing is there twice',
    check: async ({ make }) => {
      const { sink, read } = await make();
      await sink.write(start('other'));
      await sink.write(step('other', 0, { accuracy: 0.25 }));
      for (const top of [3, 2]) {
        await sink.write(start('again'));
        for (let n = 0; n < top; n++) await sink.write(step('again', n, { accuracy: n / 8 + top }));
        await sink.write(end('again'));
      }
      mustBe(await read(), [
        { run: 'other', step: 0, metrics: { accuracy: 0.25 } },
        { run: 'again', step: 0, metrics: { accuracy: 2 } },
        { run: 'again', step: 1, metrics: { accuracy: 2.125 } },
      ]);
    },
  },
];

/** Runs every law of `MetricsSink` against one implementation. */
export function describeMetricsSink(
  name: string,
  make: MetricsSinkSubject['make'],
  capabilities: SuiteOptions = {},
): void {
  describeLaws(`${name} keeps the MetricsSink contract`, metricsSinkLaws, { make, capabilities });
}
