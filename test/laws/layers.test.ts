import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesBelow, root, walk } from './sources.js';

const core = ['@quorate/core', '@quorate/core/numbers', '@quorate/core/bytes'];
const truth = '@quorate/core/truth';
/** Who may import whom of our packages. An arrow never points up. */
const mayImport: Record<string, readonly string[]> = {
  'packages/core': [],
  // A plugin that is a lone file gets all of core from the host.
  'packages/host': [...core, truth],
  'packages/tables': core,
  'packages/extract': [...core, '@quorate/host'],
  'packages/engine': [...core, truth, '@quorate/host'],
  'packages/sweep': [...core, '@quorate/host', '@quorate/engine'],
  'packages/report': [...core, '@quorate/host', '@quorate/engine', '@quorate/sweep'],
  'packages/plan': [...core, '@quorate/host', '@quorate/engine', '@quorate/sweep', '@quorate/report'],
  'packages/campaign': [...core, '@quorate/host', '@quorate/engine'],
  'packages/server': [...core, '@quorate/campaign'],
  'packages/testkit': [...core, truth],
  'packages/consensus': [...core, '@quorate/host'],
  'packages/cli': [
    ...core,
    '@quorate/host',
    '@quorate/tables',
    '@quorate/extract',
    '@quorate/engine',
    '@quorate/consensus',
    '@quorate/campaign',
    '@quorate/server',
    // The pictures of the demo.
    '@quorate/plugin-mnist',
    '@quorate/sweep',
    '@quorate/report',
    '@quorate/plan',
  ],
  ...Object.fromEntries(packagesBelow('plugins').map((folder) => [folder, core])),
  'plugins/datasets': [...core, '@quorate/tables'],
  'plugins/formats': [...core, '@quorate/tables'],
  'plugins/model-workers': [...core, '@quorate/tables'],
};
/** Who may see the truth: simulators, metrics, dataset sources (and the engine, which measures, and the testkit). */
const seesTruth =
  /^(simulator|metric|dataset|amt|perfect|uniform|structured)|^plugins\/(datasets|mnist|imagenet-sandbox|amt-workers)\//;

const imports = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name!);

describe('layers', () => {
  for (const [layer, allowed] of Object.entries(mayImport)) {
    const files = walk(`${layer}/src`).filter((file) => !/\.(test|mutants|fixture)\.ts$/.test(file));

    it(`${layer} imports of ours only ${allowed.join(', ') || 'itself'}`, () => {
      const offences = files.flatMap((file) =>
        imports(file)
          .filter((name) => /^@quorate\/|^quorate($|\/)/.test(name))
          .filter((name) => {
            const file_ = file.slice(file.lastIndexOf('/') + 1);
            if (name === truth && layer.startsWith('plugins/')) {
              return !(seesTruth.test(file_) || seesTruth.test(file));
            }
            return !allowed.includes(name);
          })
          .map((name) => `${file}: ${name}`),
      );
      expect(offences).toEqual([]);
    });

    it(`${layer} leaves its folder by package names only`, () => {
      const depth = (file: string): number => file.split('/').length - layer.split('/').length - 2;
      const offences = files.filter((file) =>
        imports(file).some((name) => (name.match(/\.\.\//g)?.length ?? 0) > depth(file)),
      );
      expect(offences).toEqual([]);
    });
  }

  it('core touches no file system and no tensors', () => {
    const offences = walk('packages/core/src')
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) =>
        imports(file)
          .filter((name) => /^node:|tensorflow|onnx/.test(name))
          .map((name) => `${file}: ${name}`),
      );
    expect(offences).toEqual([]);
  });

  it('core has no any', () => {
    const offences = walk('packages/core/src').filter((file) =>
      /[:<,] any\b|as any\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(offences).toEqual([]);
  });

  it('no files import each other in a circle, types included', () => {
    const files = ['packages', 'plugins'].flatMap((place) => walk(place)).filter((file) => /\/src\/.*\.ts$/.test(file));
    const known = new Set(files);
    const next = new Map(
      files.map((file) => [
        file,
        imports(file)
          .filter((name) => name.startsWith('.'))
          .map((name) => posix.join(posix.dirname(file), name.replace(/\.js$/, '.ts')))
          .filter((target) => known.has(target)),
      ]),
    );
    expect(circles(next)).toEqual([]);
    expect(circles(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]))).toEqual([['b', 'c']]); // prettier-ignore
  });
});

/** Groups of nodes that reach each other (Tarjan's strongly connected components with more than one node). */
function circles(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const other of next.get(node) ?? []) {
      if (!index.has(other)) {
        visit(other);
        low.set(node, Math.min(low.get(node)!, low.get(other)!));
      } else if (stack.includes(other)) low.set(node, Math.min(low.get(node)!, index.get(other)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group.sort());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return found;
}
