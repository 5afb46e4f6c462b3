import type { Registry } from '@quorate/core';
import type { GoldLabel } from '@quorate/consensus';

/** Known labels out of a file with a task and a label in each row, or of answers that say which are gold. */
export async function readGoldLabels(source: string, registry: Registry, cwd: string): Promise<readonly GoldLabel[]> {
  const { readGold } = await import('@quorate/engine');
  return [...(await readGold({ source, format: null, options: {}, skipBadRows: false, loaded: registry, cwd }))];
}
