import { defineConfig } from 'vitest/config';

// A configuration of its own: without one, vitest would take the repository's around it.
export default defineConfig({});
