import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Rejected {
  readonly name: string;
  readonly breaks: string;
}

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith('.mutants.ts'));

describe('every suite has wrong implementations', () => {
  it('one file of them for each contract', () => {
    const suites = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && files.includes(mutantsOf(name)));
    expect(suites.length).toBeGreaterThanOrEqual(16);
    expect(files.filter((name) => !suites.map(mutantsOf).includes(name))).toEqual(['stopping-rule-audit.mutants.ts']);
  });

  it.each(files)('%s has six or more, no two of one name', async (file) => {
    const exported = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, readonly Rejected[]>;
    const mutants = Object.entries(exported).find(([name]) => name.endsWith('Mutants'))![1];
    const names = mutants.map(({ name, breaks }) => `${breaks} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(6);
  });
});

function mutantsOf(test: string): string {
  return test.replace(/\.test\.ts$/, '.mutants.ts');
}
