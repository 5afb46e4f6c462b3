import { defineConfig } from 'vitest/config';

/** `npm run newcomer`: two minutes of npm, apart from `npm test`. */
export default defineConfig({
  test: { include: ['*.test.ts'], globalSetup: ['../e2e/build.ts'], testTimeout: 240_000 },
});
