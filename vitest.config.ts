import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const conditions = ['@quorate/source', 'node', 'import', 'module', 'default'];
const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@quorate/source', 'node', 'import', 'default'] } },
  test: {
    pool: 'forks',
    // One less than the cores is vitest's default: on two cores half of the machine would stand still.
    maxWorkers: availableParallelism(),
    execArgv: ['--conditions=@quorate/source'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'packages/cli/templates/**/*.laws.ts', 'plugins/*/src/**/*.test.ts'],
          ...shared,
        },
      },
      { extends: true, test: { name: 'laws', include: ['test/laws/**/*.test.ts'], ...shared, testTimeout: 240_000 } },
      {
        extends: true,
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
