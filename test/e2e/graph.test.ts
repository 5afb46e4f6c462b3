import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { Graph } from '@quorate/plugin-backend-onnx';
import { lines, quorate, root, workplace } from './cli.js';

const home = workplace();
const small = [
  'experiment=synthetic',
  'method=improved_lean',
  'dataset.itemsPerClass=30',
  'dataset.classes=3',
  'sampler.hitSize=10',
  'seed=1',
];
const out = (name: string): readonly string[] => ['--out', name];

/** The module of the README, with the package where this checkout has it. */
function moduleOfReadme(): string {
  const readme = readFileSync(join(root, 'plugins/neural-learner/README.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(readme)![1]!;
  const entry = pathToFileURL(join(root, 'plugins/backend-onnx/dist/index.js')).href;
  return code.replace("'@quorate/plugin-backend-onnx'", `'${entry}'`);
}
writeFileSync(join(home, 'head.mjs'), moduleOfReadme());

it('a network that a module makes learns, and a run with it goes on to the same bytes', async () => {
  const args = ['run', ...small, 'learner.graph=./head.mjs'];
  const whole = await quorate(home, [...args, ...out('whole')]);
  expect([whole.status, whole.stderr]).toEqual([0, '']);
  const last = JSON.parse(lines(home, 'whole', 'steps.jsonl').at(-1)!) as { learner: { all: { top1: number } } };
  expect(last.learner.all.top1).toBeGreaterThan(0.8);
  // From its checkpoint, which has the weights.
  const more = await quorate(home, [...args, ...out('whole'), '--resume']);
  expect([more.status, more.stderr]).toEqual([0, '']);
  expect(lines(home, 'whole', 'labels.csv').length).toBe(91);
});

it('says what it cannot take', async () => {
  writeFileSync(join(home, 'none.mjs'), 'export const other = 1;\n');
  writeFileSync(join(home, 'throws.mjs'), 'export function buildGraph() { throw new Error("no weights"); }\n');
  writeFileSync(join(home, 'text.mjs'), 'export function buildGraph() { return "x"; }\n');
  writeFileSync(join(home, 'broken.mjs'), 'export function {\n');
  writeFileSync(join(home, 'bad.onnx'), 'no model');
  for (const [words, message] of [
    [['learner.graph=./none.mjs'], /expected a module that exports buildGraph/],
    [['learner.graph=./throws.mjs'], /got "no weights"/],
    [['learner.graph=./text.mjs'], /Uint8Array.*got string/],
    [['learner.graph=./broken.mjs'], /expected an \.onnx file, or a module/],
    [['learner.graph=./bad.onnx'], /bad\.onnx: expected an ONNX model/],
    [['learner.graph=./nothing.onnx'], /expected a file that can be read, got "no such file/],
    [['learner.graph=./head.mjs', 'backend.use=reference'], /a backend that trains graphs, got reference/],
    [['learner.graph=./head.mjs', 'learner.layers=[{"units":4}]'], /expected layers or a graph, got both/],
  ] as const) {
    const { status, stderr } = await quorate(home, ['run', ...small, ...words, ...out('refused')]);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  }
});

it('does not go on with another network than it began with', async () => {
  const file = join(home, 'copy.onnx');
  writeFileSync(file, modelOf(0.5));
  const args = ['run', ...small, 'learner.graph=./copy.onnx', ...out('changed')];
  const first = await quorate(home, args);
  expect(first.status, first.stderr).toBe(0);
  writeFileSync(file, modelOf(0.25));
  const { status, stderr } = await quorate(home, [...args, '--resume']);
  expect(stderr).toMatch(/learner\.graph: expected the network that the run began with, got another one/);
  expect(status).toBe(2);
});

/** Softmax regression on the features of the synthetic data. */
function modelOf(scale: number): Uint8Array {
  const graph = new Graph('softmax');
  const x = graph.input('x', 'float', ['rows', 64]);
  const weights = graph.tensor(
    [64, 3],
    Float32Array.from({ length: 192 }, (_, at) => scale * Math.sin(at)),
  );
  graph.op('MatMul', [x, weights], {}, 'logits');
  graph.output('logits', 'float', ['rows', 3]);
  return graph.model();
}
