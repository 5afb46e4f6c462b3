import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerSimulator } from '@quorate/core';
import { buildComponent, describePlugin, describeWorkerSimulator } from '@quorate/testkit';
import { afterAll } from 'vitest';
import plugin from './index.js';

/** A made-up study of ten classes in two groups, two workers each. */
const classes = Array.from({ length: 10 }, (_, c) => `c${c}`);
const workerOf = (group: number, v: number): number[][] =>
  classes.map((_, r) => classes.map((__, c) => (r < 5 === (group === 0) && c < 5 === r < 5 ? (r * c + v) % 4 : 0)));
const folder = mkdtempSync(join(tmpdir(), 'quorate-amt-contract-'));
afterAll(() => rmSync(folder, { recursive: true }));
const groupWorkers = Object.fromEntries([1, 0].map((g) => [g, [workerOf(g, 0), workerOf(g, 3)]]));
writeFileSync(
  join(folder, 'group_workers.json'),
  JSON.stringify({ imagenet100: classes, group_workers: groupWorkers }),
);
writeFileSync(join(folder, 'groups.txt'), `${classes.slice(0, 5).join('\n')}\n\n${classes.slice(5).join('\n')}\n\n`);

describePlugin(plugin);
for (const component of plugin.components!) {
  const make = buildComponent<WorkerSimulator>(component, { options: { path: folder, workers: 7 } });
  describeWorkerSimulator(component.name, make, { classes, runs: 25 });
}
