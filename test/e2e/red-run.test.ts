import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './cli.js';

const WRONG = `
import { describeSampler, referenceSampler } from '@quorate/testkit';
const twice = ([hit, ...rest]) => (hit ? [{ ...hit, items: Int32Array.of(...hit.items, hit.items[0]) }, ...rest] : []);
const make = () => {
  const right = referenceSampler();
  return { ...right, plan: (request, rng) => twice(right.plan(request, rng)) };
};
describeSampler('twice', make);
`;

it('a red run names the law, its smallest counterexample, the seed, and how to see it again', () => {
  // Where its imports are found.
  const folder = join(root, 'node_modules/.cache/red-run');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'wrong.test.mjs'), WRONG);
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {};');
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [vitest, 'run', '--root', folder, '--no-color'], {
    encoding: 'utf8',
    env: { ...process.env, QUORATE_TEST_SEED: '77', NODE_OPTIONS: '' },
  });
  const said = stdout + stderr;
  expect(status, said).toBe(1);
  expect(said).toMatch(/twice keeps the Sampler contract > L2 /);
  expect(said).toMatch(/smallest counterexample \(case \d+, shrunk \d+ times\): \{"world"/);
  expect(said).toContain('again with QUORATE_TEST_SEED=77 npx vitest run');
  expect(said, 'other laws hold').toMatch(/\d+ passed/);
});
