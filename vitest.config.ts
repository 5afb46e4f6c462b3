import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const conditions = ['@quorate/source', 'node', 'import', 'module', 'default'];
const fromSource = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@quorate/source', 'node', 'import', 'default'] } },
};
const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

/** What takes longest, so that it begins first and no core is idle at the end: a fresh clone knows no durations. */
const longest = ['readme', 'generate', 'broken-plugins', 'run', 'cli', 'process', 'features'].map(
  (name) => `/test/e2e/${name}.test.ts`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // One less than the cores is vitest's default: on two cores half of the machine would stand still.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        ...fromSource,
        test: {
          name: 'unit',
          // They leave no state behind, and would load the same modules 130 times.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'packages/cli/templates/**/*.laws.ts', 'plugins/*/src/**/*.test.ts'],
          ...shared,
        },
      },
      {
        extends: true,
        ...fromSource,
        test: { name: 'laws', include: ['test/laws/**/*.test.ts'], ...shared, testTimeout: 240_000 },
      },
      {
        // The packages as they are published: what `tsc -b` builds.
        extends: true,
        ssr: { resolve: { conditions: ['node'] } },
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build.ts'],
          ...shared,
          testTimeout: 240_000,
        },
      },
    ],
  },
});
