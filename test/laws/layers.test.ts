import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesBelow, root, walk } from './sources.js';

/** Who may import whom of our packages. An arrow never points up. */
const mayImport: Record<string, readonly string[]> = {
  'packages/core': [],
  'packages/engine': ['@quorate/core', '@quorate/core/truth'],
  'packages/testkit': ['@quorate/core', '@quorate/core/truth'],
  'packages/consensus': ['@quorate/core'],
  'packages/cli': ['@quorate/core', '@quorate/engine', '@quorate/consensus'],
  ...Object.fromEntries(packagesBelow('plugins').map((folder) => [folder, ['@quorate/core']])),
};
/** Who may see the truth: simulators, metrics, dataset sources (and the engine, which measures, and the testkit). */
const seesTruth =
  /^(simulator|metric|dataset|amt|perfect|uniform|structured)|^plugins\/(datasets|mnist|imagenet-sandbox|amt-workers)\//;

const imports = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name!);

describe('layers', () => {
  for (const [layer, allowed] of Object.entries(mayImport)) {
    const files = walk(`${layer}/src`).filter((file) => !/\.test\.ts$|\.mutants\.ts$/.test(file));

    it(`${layer} imports of ours only ${allowed.join(', ') || 'itself'}`, () => {
      const offences = files.flatMap((file) =>
        imports(file)
          .filter((name) => /^@quorate\/|^quorate($|\/)/.test(name))
          .filter((name) => {
            const file_ = file.slice(file.lastIndexOf('/') + 1);
            if (name === '@quorate/core/truth' && layer.startsWith('plugins/')) {
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
});
