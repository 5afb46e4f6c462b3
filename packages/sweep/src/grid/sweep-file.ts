import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { display, loadConfigFile } from '@quorate/host';
import { nearest } from '@quorate/core';
import { z } from 'zod';
import type { Axis, Grid, Point } from './grid.js';
import { valuesOf, wrong } from './values.js';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** What `exclude` names a value by. */
const label = z.union([scalar, z.array(scalar)]);

/** A file that describes a sweep. */
export const sweepSchema = z.strictObject({
  name: z.string().min(1).optional().describe('name of the sweep; its folder is sweeps/NAME'),
  config: z.string().min(1).optional().describe('configuration file of every run, relative to this file'),
  base: z.record(z.string(), z.json()).default({}).describe('keys of every run'),
  axes: z
    .record(z.string(), z.json())
    .describe('by key its values, a list or "1..5"; or by a name of your own, labels with the keys that each sets'),
  paired: z.array(z.array(z.string())).default([]).describe('axes that advance together'),
  exclude: z.array(z.record(z.string(), label)).default([]).describe('cells to leave out, by axis'),
});

export interface SweepFile {
  readonly name: string;
  readonly grid: Grid;
  /** The configuration file of every run, absolute; undefined: the one that is found as for `quorate run`. */
  readonly config: string | undefined;
}

const names = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map((extension) => `quorate.sweep.${extension}`);

/** `quorate.sweep.*` in a folder, or undefined. */
export function findSweepFile(cwd: string): string | undefined {
  return names.map((name) => join(cwd, name)).find(existsSync);
}

/** Reads a sweep file; null for a file that is the configuration of a run instead: it has no axes. */
export async function readSweepFile(file: string, cwd: string): Promise<SweepFile | null> {
  const content = await loadConfigFile(resolve(cwd, file), cwd);
  if (typeof content !== 'object' || content === null || !('axes' in content)) return null;
  const shown = display(resolve(cwd, file), cwd);
  const parsed = sweepSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue!.path.map(String).join('.');
    const keys = issue!.code === 'unrecognized_keys' ? issue.keys : [];
    const near = keys[0] === undefined ? undefined : nearest(keys[0], Object.keys(sweepSchema.shape));
    throw wrong(
      path === '' ? shown : `${shown}: ${path}`,
      `a sweep (${Object.keys(sweepSchema.shape).join(', ')})`,
      issue!.message,
      near === undefined ? 'Correct the file.' : `Did you mean "${near}"?`,
    );
  }
  const { name, config, base, axes, paired, exclude } = parsed.data;
  const points = Object.entries(axes).map(([axis, value]) => axisOf(axis, value, shown));
  const rules = exclude.map((rule) =>
    Object.fromEntries(
      Object.entries(rule).map(([axis, value]) => {
        const labels = (Array.isArray(value) ? value : [value]).flatMap((one) =>
          typeof one === 'string' ? valuesOf(one, `${shown}: exclude.${axis}`) : [labelOf(one)],
        );
        checkAxis(axis, labels, points, `${shown}: exclude`);
        return [axis, labels];
      }),
    ),
  );
  for (const axis of paired.flat()) checkAxis(axis, [], points, `${shown}: paired`);
  return {
    name: name ?? basename(file).replace(/(\.sweep)?\.\w+$/, ''),
    config: config === undefined ? undefined : resolve(dirname(resolve(cwd, file)), config),
    grid: { axes: points, base: wordsOf(base), paired, exclude: rules },
  };
}

function axisOf(name: string, value: unknown, shown: string): Axis {
  const where = `${shown}: axes.${name}`;
  const points = isMap(value)
    ? Object.entries(value).map(([key, keys]): Point => {
        if (!isMap(keys)) {
          throw wrong(
            `${where}.${key}`,
            'keys that this value sets',
            JSON.stringify(keys),
            'Write key: value below it.',
          );
        }
        return { label: key, words: wordsOf(keys) };
      })
    : (Array.isArray(value) ? value : [value]).flatMap((one): Point[] =>
        typeof one === 'string'
          ? valuesOf(one, where).map((text) => ({ label: text, words: [`${name}=${text}`] }))
          : [{ label: labelOf(one), words: [`${name}=${JSON.stringify(one)}`] }],
      );
  if (points.length === 0) throw wrong(where, 'at least one value', 'none', 'Write a value, or remove the axis.');
  const twice = points.find(({ label: one }, n) => points.findIndex((other) => other.label === one) < n);
  if (twice) throw wrong(where, 'each value once', `${twice.label} twice`, 'Remove one of the two.');
  return { name, points };
}

/** An axis or a value that does not exist would exclude nothing, silently. */
function checkAxis(name: string, labels: readonly string[], axes: readonly Axis[], where: string): void {
  const axis = axes.find((one) => one.name === name);
  if (!axis) {
    const known = axes.map((one) => one.name);
    const near = nearest(name, known);
    throw wrong(where, `an axis (${known.join(', ')})`, name, near ? `Did you mean "${near}"?` : 'Name an axis.');
  }
  const known = axis.points.map((point) => point.label);
  const stranger = labels.find((one) => !known.includes(one));
  if (stranger !== undefined) {
    const near = nearest(stranger, known);
    throw wrong(
      `${where}.${name}`,
      `one of ${known.join(', ')}`,
      stranger,
      near ? `Did you mean "${near}"?` : 'Correct it.',
    );
  }
}

/** Nested or dotted keys as words; values are JSON, so that a string stays one. */
function wordsOf(tree: Readonly<Record<string, unknown>>, above = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isMap(value) && Object.keys(value).length > 0
      ? wordsOf(value, `${above}${key}.`)
      : [`${above}${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`],
  );
}

/** A string as a word that is read back as it: bare where it can be, since messages quote it. */
function quoted(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text.startsWith('[') ? JSON.stringify(text) : text;
  }
  return JSON.stringify(text);
}

function labelOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
