import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const conditions = ['@quorate/source', 'node', 'import', 'module', 'default'];
const fromSource = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@quorate/source', 'node', 'import', 'default'] } },
};
const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    // One less than the cores is vitest's default: on two cores half of the machine would stand still.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        ...fromSource,
        test: {
          name: 'unit',
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
