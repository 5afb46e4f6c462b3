import { join } from 'node:path';
import { writeAnswers } from '../bench/generated-answers.js';
import { median } from '../bench/timing.js';
import { agreementOf, readLabels } from './labels.js';
import { ask } from './python.js';
import { timedCommand as quorate } from '../bench/command.js';
import { table } from './tables.js';

const pairs = [
  ['majority_vote', 'MajorityVote'],
  ['dawid_skene', 'DawidSkene'],
] as const;

/** Time and memory of whole processes, file read and labels written: medians of five, of one where there are ten million. */
export function compareCosts(python: string, folder: string, sizes: readonly number[]): string {
  const rows: (string | number)[][] = [
    ['answers', 'model', 'Quorate', 'crowd-kit', 'ratio', 'Quorate', 'crowd-kit', 'ratio', 'same label'],
  ];
  for (const size of sizes) {
    const file = writeAnswers(folder, size);
    for (const [ours, theirs] of pairs) {
      const repetitions = size > 1_000_000 ? 1 : 5;
      const [seconds, peerSeconds, memory, peerMemory] = [[], [], [], []] as number[][];
      // In turn, so that what else the machine does falls on both.
      for (let n = 0; n < repetitions; n++) {
        const done = quorate(folder, 'aggregate', file, '--aggregator', ours, '--out', 'cost', '--force');
        seconds!.push(done.seconds);
        memory!.push(done.peakMegabytes);
        const began = performance.now();
        const { peakMegabytes } = ask<{ peakMegabytes: number }>(
          python,
          'aggregate',
          theirs,
          file,
          join(folder, 'cost.csv'),
        );
        peerSeconds!.push((performance.now() - began) / 1000);
        peerMemory!.push(peakMegabytes);
      }
      const same = agreementOf(readLabels(join(folder, 'cost/labels.csv')), readLabels(join(folder, 'cost.csv')));
      const [s, ps, m, pm] = [seconds!, peerSeconds!, memory!, peerMemory!].map(median) as [
        number,
        number,
        number,
        number,
      ];
      rows.push([
        size.toLocaleString('en-US'),
        `\`${ours}\``,
        `${s.toFixed(1)} s`,
        `${ps.toFixed(1)} s`,
        (ps / s).toFixed(1),
        `${Math.round(m)} MB`,
        `${Math.round(pm)} MB`,
        (pm / m).toFixed(1),
        `${(100 * same).toFixed(2)} %`,
      ]);
    }
  }
  return table(rows);
}
