import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import { agreementOf, readLabels } from './labels.js';
import { ask } from './python.js';
import type { CrowdSet } from './quality.js';
import { timedCommand as quorate } from '../bench/command.js';
import { table } from './tables.js';

/**
 * `crowdlab` beside cleanlab's, with the same class probabilities: a made model that is right about as often as one answer is,
 * since the sets have no features.
 */
export function compareCrowdlab(python: string, sets: readonly CrowdSet[], folder: string): string {
  const rows: (string | number)[][] = [['', 'same label', 'largest difference of confidence']];
  for (const set of sets) {
    const answers = join(set.folder, 'annotations.csv');
    quorate(folder, 'aggregate', answers, '--aggregator', 'majority_vote', '--out', 'votes', '--force');
    const votes = readLabels(join(folder, 'votes/labels.csv'));
    const model = join(folder, 'model.csv');
    writeFileSync(model, probabilities(set.name, votes));
    quorate(
      folder,
      'aggregate',
      answers,
      '--aggregator',
      'crowdlab',
      '--probabilities',
      model,
      '--out',
      'crowdlab',
      '--force',
    );
    const ours = readLabels(join(folder, 'crowdlab/labels.csv'));
    const out = join(folder, 'cleanlab.csv');
    ask(python, 'crowdlab', answers, model, out);
    const peer = readLabels(out);
    let largest = 0;
    for (const [task, { label, confidence }] of ours) {
      const other = peer.get(task);
      if (other?.label === label) largest = Math.max(largest, Math.abs(confidence - other.confidence));
    }
    rows.push([set.name, `${(100 * agreementOf(ours, peer)).toFixed(2)} %`, largest.toExponential(0)]);
  }
  return table(rows);
}

/** Probabilities for every task: seven times in ten the vote's class leads, else another. */
function probabilities(seed: string, votes: ReturnType<typeof readLabels>): string {
  const rng = makeRng(seed);
  const classes = [...new Set([...votes.values()].map(({ label }) => label))].sort();
  const lines = [...votes].map(([task, { label }]) => {
    const lead = rng.uniform() < 0.7 ? classes.indexOf(label) : rng.int(classes.length);
    const weights = classes.map((_, k) => (k === lead ? 2 : 0) + 0.05 + rng.uniform());
    const sum = weights.reduce((a, b) => a + b);
    return [task, ...weights.map((weight) => weight / sum)].join(',');
  });
  return `task,${classes.join(',')}\n${lines.join('\n')}\n`;
}
