import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareCosts } from './cost.js';
import { compareCrowdlab } from './crowdlab.js';
import { peersPython, ask } from './python.js';
import { compareAgreement, compareLabels } from './quality.js';
import { replaceTables } from './tables.js';

// npm run peers [-- agreement crowdlab cost labels] [10M] [--write]: Quorate beside its peers, on the same files, in one run.
const words = process.argv.slice(2);
const parts = words.filter((word) => word !== '10M' && word !== '--write');
const shared = process.env['QUORATE_SHARED'] ?? join(import.meta.dirname, '../../../shared');
const crowds = join(shared, 'data/crowd');
const found = peersPython();

if ('missing' in found) {
  console.log(`Skipped: the peers need Python and its package index. ${found.missing}`);
} else {
  const { python } = found;
  const folder = mkdtempSync(join(tmpdir(), 'quorate-peers-'));
  try {
    const sets = existsSync(crowds)
      ? readdirSync(crowds, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => ({ name: entry.name, folder: join(crowds, entry.name) }))
      : [];
    if (sets.length === 0)
      console.log(`No real crowds at ${crowds} (QUORATE_SHARED names another place): generated answers only.`);
    const wanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
    const tables: Record<string, string> = { machine: machine(ask<Record<string, string>>(python, 'versions')) };
    if (wanted('agreement')) tables['agreement'] = compareAgreement(python, sets, folder);
    if (wanted('crowdlab')) tables['crowdlab'] = compareCrowdlab(python, sets, folder);
    if (wanted('cost'))
      tables['cost'] = compareCosts(python, folder, words.includes('10M') ? [1_000_000, 10_000_000] : [1_000_000]);
    if (wanted('labels')) Object.assign(tables, compareLabels(python, sets, folder));
    for (const table of Object.values(tables)) console.log(`${table}\n`);
    if (words.includes('--write')) {
      const page = join(import.meta.dirname, '../../docs/compared-with.md');
      writeFileSync(page, replaceTables(readFileSync(page, 'utf8'), tables));
      console.log(`Wrote ${page}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function machine({ python, ...versions }: Record<string, string>): string {
  const peers = Object.entries(versions)
    .filter(([name]) => name !== 'peakMegabytes')
    .map(([name, version]) => `${name} ${version}`);
  return `${peers.join(', ')}; Python ${python}, Node.js ${process.versions.node}; ${cpus().length} cores of ${cpus()[0]?.model}.`;
}
