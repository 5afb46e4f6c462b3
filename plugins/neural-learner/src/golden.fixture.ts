import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the golden files: below QUORATE_SHARED, else below `shared` beside the repository; null when not there. */
const folder = ((): string | null => {
  const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));
  const golden = `${process.env['QUORATE_SHARED'] ?? beside}/golden`;
  return existsSync(golden) ? golden : null;
})();

export const hasGolden = folder !== null;
/** Ends the name of a test that is skipped without the golden files. */
export const whySkipped = hasGolden ? '' : ' [skipped: no golden files; set QUORATE_SHARED]';

/** The cases of one golden file; none where the folder is not there. */
export function goldenCases<T>(name: string): readonly T[] {
  if (folder === null) return [];
  return (JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { cases: readonly T[] }).cases;
}
