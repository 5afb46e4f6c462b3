import { dirname, resolve } from 'node:path';
import {
  QuorateError,
  nearest,
  type Json,
  type MetricsSink,
  type Registry,
  type RunRecord,
  type SinkContext,
} from '@quorate/core';
import type { StepRecord } from '@quorate/engine';
import { AppendFile, makeFolder } from '@quorate/host';

export const trackText = {
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'NAME=PLACE',
  summary: 'Where figures go as well: tensorboard=DIR, mlflow=http://HOST:5000, jsonl=DIR.',
} as const;

/** Opens the trackers that `--track` names. Throws CONFIG_INVALID. */
export async function openSinks(
  words: readonly string[],
  registry: Registry,
): Promise<{ readonly sinks: readonly MetricsSink[]; readonly close: () => void }> {
  const known = registry.plugins.flatMap(({ sinks = [] }) => sinks);
  const files: AppendFile[] = [];
  const context: SinkContext = {
    file: (path) => {
      makeFolder(dirname(path));
      const file = new AppendFile(path);
      files.push(file);
      return { append: (bytes) => file.append(bytes), clear: () => file.truncate(0) };
    },
    now: () => Date.now(),
  };
  const sinks: MetricsSink[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    const [name, place] = [word.slice(0, Math.max(0, at)), word.slice(at + 1)];
    const names = known.map((one) => one.name);
    const definition = known.find((one) => one.name === name);
    if (!definition || place === '') {
      const near = nearest(name || word, names);
      throw new QuorateError('CONFIG_INVALID', {
        where: '--track',
        expected: `NAME=PLACE with a name of ${names.join(', ')}`,
        got: JSON.stringify(word),
        fix: near ? `Write for instance ${near}=PLACE.` : 'A plugin may be missing.',
      });
    }
    sinks.push(await definition.open(/^https?:/.test(place) ? place : resolve(place), context));
  }
  return { sinks, close: () => files.splice(0).forEach((file) => file.close()) };
}

/** The options of a run by dotted key. */
export function flatConfig(config: Readonly<Record<string, unknown>>, above = ''): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]): [string, Json][] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatConfig(value as Record<string, unknown>, `${above}${key}.`))
        : [[`${above}${key}`, value as Json]],
    ),
  );
}

/** A line of `steps.jsonl` as figures: those that are numbers. */
export function stepRecord(run: string, { step, aggregate, learner, metrics = {}, ...rest }: StepRecord): RunRecord {
  const figures: Record<string, unknown> = {
    annotations: rest.annotations,
    annotationsPerItem: rest.annotationsPerItem,
    validShare: rest.validShare,
    accuracy: aggregate?.all.top1,
    top5: aggregate?.all.top5,
    ece: aggregate?.all.ece,
    validAccuracy: aggregate?.valid.top1,
    learnerAccuracy: learner?.all.top1,
    ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metrics.${name}`, value])),
  };
  const numbers = Object.entries(figures).filter(([, value]) => typeof value === 'number' && Number.isFinite(value));
  return { run, type: 'step', step, metrics: Object.fromEntries(numbers) as Record<string, number> };
}
