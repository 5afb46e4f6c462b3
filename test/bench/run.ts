import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import { Journal } from '@quorate/engine';
import { writeCheckpoint } from '../../packages/engine/src/folder/checkpoint.js';
import { timedCommand } from './command.js';
import { median, round } from './timing.js';

/**
 * A whole `ds_model` run on imagenet_100_classes (125,689 items, about 310,000 annotations, 155 steps), as a process of the
 * built command, with its peak memory; and the size and time of a checkpoint of that many annotations.
 */
export async function benchRun(): Promise<unknown> {
  const home = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    const words = ['experiment=imagenet_100_classes', 'method=ds_model', 'simulation=amt_structured_noise'];
    const { seconds, peakMegabytes } = timedCommand(home, 'run', ...words, '--out', 'run');
    const steps = readFileSync(join(home, 'run/steps.jsonl'), 'utf8').trim().split('\n');
    const { annotations } = JSON.parse(steps.at(-1)!) as { annotations: number };
    return {
      bench: 'run',
      steps: steps.length - 1,
      annotations,
      seconds: round(seconds),
      peakMegabytes: Math.round(peakMegabytes),
      checkpointMegabytes: round(statSync(join(home, 'run/checkpoint')).size / 1e6),
      checkpointMs: checkpointMilliseconds(home, annotations),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function checkpointMilliseconds(folder: string, annotations: number): number {
  const [N, W, K] = [125_689, 50, 100];
  const ids = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`);
  const none = { ids: [], classOf: new Int32Array(0) };
  const dataset = { taskIds: ids('t', N), classes: ids('c', K), features: null, prototypes: none };
  const journal = new Journal(dataset, ids('w', W));
  const rng = makeRng('checkpoint');
  const column = (end: number) => Int32Array.from({ length: annotations }, () => rng.int(end));
  journal.collect({ count: annotations, item: column(N), worker: column(W), label: column(K) }, 1);
  const times = Array.from({ length: 7 }, (_, step) => {
    const started = performance.now();
    const state = { configHash: '', dataHash: '', step, rng: rng.snapshot(), parts: {}, stepsBytes: 0 };
    writeCheckpoint(folder, { ...state, journal: journal.snapshot() });
    return performance.now() - started;
  });
  return round(median(times));
}
