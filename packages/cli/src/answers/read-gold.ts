import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'csv-parse';
import { QuorateError, isQuorateError, messageOf, type Registry } from '@quorate/core';
import type { GoldLabel } from '@quorate/consensus';

export async function readGoldLabels(name: string, _registry: Registry, cwd: string): Promise<readonly GoldLabel[]> {
  const labels: GoldLabel[] = [];
  try {
    const rows = createReadStream(resolve(cwd, name)).pipe(parse({ bom: true, columns: true, skip_empty_lines: true }));
    for await (const row of rows as AsyncIterable<Record<string, string>>) labels.push([row['task']!, row['label']!]);
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw new QuorateError('DATA_INVALID', { where: name, expected: 'task,label', got: messageOf(thrown), fix: 'Look at the file.' });
  }
  return labels;
}
