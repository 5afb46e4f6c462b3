import { valuesOf, wrong } from './values.js';

/** One value of an axis: what a table calls it, and the words that it stands for. */
export interface Point {
  readonly label: string;
  /** `key=value`, as `quorate run` takes them. */
  readonly words: readonly string[];
}

export interface Axis {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Everything that is to be run. */
export interface Grid {
  readonly axes: readonly Axis[];
  /** Words of every run. */
  readonly base: readonly string[];
  /** Axes that advance together: their first values make one run, their second ones the next. */
  readonly paired: readonly (readonly string[])[];
  /** Labels by axis: cells that match every axis of one of them are left out. */
  readonly exclude: readonly Readonly<Record<string, readonly string[]>>[];
}

/** One run of a grid: a label for each axis, in the order of the axes. */
export interface Cell {
  readonly labels: readonly string[];
  readonly words: readonly string[];
}

const MOST_CELLS = 100_000;

/** A grid out of `key=value` words: those with several values are axes, the others belong to every run; the last of a key counts. */
export function gridOfWords(words: readonly string[]): Grid {
  const values = new Map<string, string[]>();
  const base: string[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) {
      // What is no word at all is refused where the words of a run are.
      base.push(word);
      continue;
    }
    const key = word.slice(0, at);
    values.delete(key);
    values.set(key, valuesOf(word.slice(at + 1), `command line: ${key}`));
  }
  const axes: Axis[] = [];
  for (const [key, texts] of values) {
    if (texts.length === 1) base.push(`${key}=${texts[0]}`);
    else axes.push({ name: key, points: texts.map((text) => ({ label: text, words: [`${key}=${text}`] })) });
  }
  return { axes, base, paired: [], exclude: [] };
}

/** `over` above `under`: an axis or word of the same key replaces what is below it, where it stands. */
export function combined(under: Grid, over: Grid): Grid {
  const keyOf = (word: string): string => word.slice(0, word.indexOf('='));
  const replaced = new Set([...over.axes.map(({ name }) => name), ...over.base.map(keyOf)]);
  const given = new Map(over.axes.map((axis) => [axis.name, axis]));
  const kept = under.axes.filter(({ name }) => !replaced.has(name) || given.has(name));
  const axes = kept.map((axis) => given.get(axis.name) ?? axis);
  const base = under.base.filter((word) => !replaced.has(keyOf(word)));
  return {
    axes: [...axes, ...over.axes.filter((axis) => !axes.includes(axis))],
    base: [...base, ...over.base],
    // A pair of which one axis is fixed is no pair any more.
    paired: under.paired.map((names) => names.filter((name) => axes.some((axis) => axis.name === name))),
    exclude: under.exclude,
  };
}

/** All runs of a grid; the last axis runs fastest. Throws CONFIG_INVALID for pairs of unequal length and too many runs. */
export function cellsOf({ axes, base, paired, exclude }: Grid): Cell[] {
  const groups = groupsOf(axes, paired);
  const size = groups.reduce((product, [first]) => product * axes[first!]!.points.length, 1);
  if (size > MOST_CELLS) {
    throw wrong('the grid', `at most ${MOST_CELLS} runs`, String(size), 'Leave out values, or make several sweeps.');
  }
  const cells: Cell[] = [];
  for (let n = 0; n < size; n++) {
    const points = new Array<Point>(axes.length);
    let rest = n;
    for (const group of [...groups].reverse()) {
      const { length } = axes[group[0]!]!.points;
      for (const a of group) points[a] = axes[a]!.points[rest % length]!;
      rest = Math.floor(rest / length);
    }
    const labels = points.map(({ label }) => label);
    if (exclude.some((rule) => matches(rule, axes, labels))) continue;
    cells.push({ labels, words: [...base, ...points.flatMap(({ words }) => words)] });
  }
  return cells;
}

/** Indices of axes that advance together, each group at the place of its first axis. */
function groupsOf(axes: readonly Axis[], paired: Grid['paired']): number[][] {
  const groups = axes.map((_, a) => [a]);
  for (const names of paired) {
    const members = names.map((name) => axes.findIndex((axis) => axis.name === name)).sort((a, b) => a - b);
    const [first, ...others] = members;
    if (first === undefined) continue;
    for (const a of others) {
      if (axes[a]!.points.length !== axes[first]!.points.length) {
        const got = [axes[first]!, axes[a]!].map(({ name, points }) => `${points.length} of ${name}`).join(' and ');
        throw wrong(`paired: ${names.join(', ')}`, 'axes with as many values each', got, 'Make them equally long.');
      }
      groups[first]!.push(a);
      groups[a] = [];
    }
  }
  return groups.filter(({ length }) => length > 0);
}

function matches(rule: Grid['exclude'][number], axes: readonly Axis[], labels: readonly string[]): boolean {
  const entries = Object.entries(rule);
  const holds = ([name, values]: [string, readonly string[]]): boolean =>
    values.includes(labels[axes.findIndex((axis) => axis.name === name)] ?? '');
  return entries.length > 0 && entries.every(holds);
}
