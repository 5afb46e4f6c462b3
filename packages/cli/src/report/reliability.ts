import * as Plot from '@observablehq/plot';
import type { Reliability, ReliabilityGroup } from '@quorate/consensus';
import { count } from '../terminal/format.js';
import { BLUE, RED, WIDTH, svg } from './charts.js';

const SIDE = 420;

/** Claimed confidence against the share that gold says is right: on the diagonal it holds. */
export function reliabilityChart({ byConfidence }: Reliability): string {
  const most = Math.max(...byConfidence.map(({ tasks }) => tasks));
  return svg(`Reliability diagram of ${byConfidence.length} groups of labels`, {
    width: SIDE,
    height: SIDE,
    x: { label: 'claimed', domain: [0, 1], grid: true },
    y: { label: 'right', domain: [0, 1], grid: true },
    marks: [
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { strokeDasharray: '4,3' },
      ),
      Plot.ruleX(byConfidence, { x: 'claimed', y1: 'low', y2: 'high', stroke: BLUE, strokeWidth: 1.5 }),
      Plot.dot(byConfidence, {
        x: 'claimed',
        y: 'right',
        r: (d: ReliabilityGroup) => 3 + 4 * Math.sqrt(d.tasks / most),
        fill: BLUE,
        title: (d: ReliabilityGroup) => told(d),
      }),
    ],
  });
}

/** The same by number of answers: red is what was claimed. */
export function answersChart({ byAnswers }: Reliability): string {
  const data = byAnswers.map((group) => ({ ...group, name: answersText(group) }));
  return svg(`Claimed and right by number of answers, ${data.length} groups`, {
    width: Math.min(WIDTH, 120 + 110 * data.length),
    height: 260,
    x: { label: 'answers to the task', type: 'band', domain: data.map(({ name }) => name) },
    y: { label: 'share', domain: [0, 1], grid: true },
    marks: [
      Plot.ruleX(data, { x: 'name', y1: 'low', y2: 'high', stroke: BLUE, strokeWidth: 1.5 }),
      Plot.dot(data, { x: 'name', y: 'right', r: 4, fill: BLUE, title: told }),
      Plot.tickY(data, { x: 'name', y: 'claimed', stroke: RED, strokeWidth: 2 }),
    ],
  });
}

/** `3` or `4 to 7`. */
export function answersText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? count(from) : `${count(from)} to ${count(to)}`;
}

function told({ tasks, claimed, right }: ReliabilityGroup): string {
  return `${tasks} tasks: ${claimed.toFixed(3)} claimed, ${right.toFixed(3)} right`;
}
