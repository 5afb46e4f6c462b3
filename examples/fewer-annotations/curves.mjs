import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/**
 * Accuracy against annotations per item, a panel for each set and a line for each run, as the text of an SVG.
 * @param {{ set: string, method: string, seed: string, figures: { cost: number[], accuracy: number[] } }[]} runs
 */
export function curves(runs) {
  const points = runs.flatMap(({ set, method, seed, figures }) =>
    figures.cost.map((cost, s) => ({ set, method, run: `${method} ${seed}`, cost, accuracy: figures.accuracy[s] })),
  );
  const { document } = parseHTML('<html></html>');
  const sets = [...new Set(points.map(({ set }) => set))];
  const plot = Plot.plot({
    document,
    width: 260 * sets.length + 80,
    height: 320,
    style: { fontFamily: 'sans-serif', background: 'white' },
    fx: { domain: sets, label: null },
    x: { type: 'sqrt', label: 'annotations per task', ticks: [0, 0.1, 0.5, 1, 2, 3] },
    y: { label: 'accuracy, %', percent: true, grid: true, nice: true },
    color: { domain: ['efficient_annotation', 'quorate'], range: ['#c05621', '#2b6cb0'] },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      Plot.ruleY([0.9, 0.95], { strokeDasharray: '3,3', stroke: '#888' }),
      Plot.line(points, { fx: 'set', x: 'cost', y: 'accuracy', z: 'run', stroke: 'method', strokeWidth: 1.3 }),
      ...['efficient_annotation', 'quorate'].map((method, line) =>
        Plot.text([method], {
          fx: () => sets[0],
          frameAnchor: 'bottom-right',
          text: (name) => name,
          fill: () => method,
          dx: -8,
          dy: 14 * line - 26,
        }),
      ),
    ],
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${plot.outerHTML}\n`;
}
