import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { globSync } from 'tinyglobby';
import { QuorateError } from '@quorate/core';
import { zipContent } from './zip.js';

/** A file of answers, as people name it. */
export interface AnswerFile {
  readonly name: string;
  /** The name of the file without its endings, or what else tells it from the others that were given. */
  readonly stem: string;
  /** Of a file in a zip: what is in it. */
  readonly unpacked?: () => Uint8Array;
  /** What was found beside it and is no data. */
  readonly left?: readonly string[];
}

/** What is beside the data in folders of datasets and of exports. */
const aside = /^(readme|license|dataset_infos?|dataset_dict|state|_success|thumbs\.db|desktop\.ini)(\..*)?$/i;
const data = new Set([
  '',
  '.csv',
  '.tsv',
  '.tab',
  '.txt',
  '.json',
  '.jsonl',
  '.ndjson',
  '.xlsx',
  '.parquet',
  '.arrow',
  '.feather',
  '.manifest',
  '.zip',
]);

/**
 * The files that some paths, folders and patterns (`exports/*.csv`) mean, in order; of a folder all files of data in it and
 * below it, by name. Throws ANSWERS_INVALID for a path that is not there and for a folder without data.
 *
 * @param sources Paths against `cwd`; `-` is standard input.
 */
export function filesOf(sources: readonly string[], cwd: string): AnswerFile[] {
  const files = sources
    .flatMap((source) => (source === '-' ? ['-'] : found(source, cwd)))
    .flatMap((name) => (/\.zip$/i.test(name) ? inZip(name, resolve(cwd, name)) : [{ name }]));
  const stems = stemsOf(files.map(({ name }) => name));
  return files.map((file, n) => ({ ...file, stem: stems[n]! }));
}

/** The files of data in a zip, each under its name there; the zip itself where a format reads it as a whole. */
function inZip(name: string, path: string): Omit<AnswerFile, 'stem'>[] {
  const zip = zipContent(name, path);
  if (!zip) return [{ name }];
  const shown = zip.names.filter((one) => !/(^|\/)(\.|__MACOSX\/)/.test(one));
  const inside = shown.filter((one) => {
    const ending = endingOf(one).toLowerCase();
    return data.has(ending) && ending !== '.zip' && !aside.test(basename(one));
  });
  if (inside.length === 0) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'a zip with files of crowd answers',
      got: shown.length === 0 ? 'an empty one' : shown.slice(0, 5).join(', '),
      fix: 'Give a zip of CSV, JSON, Excel or Parquet files, or the files themselves.',
    });
  }
  if (isOfUsers(inside, zip.bytes)) return [{ name }];
  const left = shown.filter((one) => !inside.includes(one)).map((one) => `${name}/${one}`);
  return inside.map((one, n) => ({
    name: `${name}/${one}`,
    unpacked: () => zip.bytes(one),
    ...(n === 0 && left.length > 0 ? { left } : {}),
  }));
}

/** Whether a zip is an export of doccano: a file of JSON for each user, whose records have an id and labels, and no worker. */
function isOfUsers(names: readonly string[], bytes: (name: string) => Uint8Array): boolean {
  if (!names.every((one) => /\.jsonl?$/i.test(one))) return false;
  const [first = ''] = Buffer.from(bytes(names[0]!).subarray(0, 1 << 16))
    .toString()
    .replace(/^\s*\[/, '')
    .trimStart()
    .split('\n', 1);
  return /"id"\s*:/.test(first) && /"(labels?|cats)"\s*:\s*[[{]/.test(first);
}

function found(source: string, cwd: string): string[] {
  const path = resolve(cwd, source);
  if (existsSync(path)) return statSync(path).isDirectory() ? inFolder(source, path) : [source];
  if (/[*?[\]{}]/.test(source)) {
    const files = globSync(source.split(sep).join('/'), {
      cwd,
      dot: false,
      onlyFiles: true,
      expandDirectories: false,
    }).sort();
    if (files.length > 0) return files;
    throw missing(source, 'no file that fits the pattern');
  }
  throw missing(source, 'nothing of that name');
}

function missing(where: string, got: string): QuorateError {
  return new QuorateError('ANSWERS_INVALID', {
    where,
    expected: 'a file of crowd answers',
    got,
    fix: 'Correct the path.',
  });
}

function inFolder(source: string, path: string): string[] {
  const files: string[] = [];
  const visit = (folder: string, name: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name.startsWith('__MACOSX')) continue;
      const inner = join(folder, entry.name);
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statSync(inner).isDirectory());
      if (isFolder) visit(inner, `${name}/${entry.name}`);
      else if (!aside.test(entry.name) && data.has(endingOf(entry.name).toLowerCase()))
        files.push(`${name}/${entry.name}`);
    }
  };
  visit(path, source.replace(/[\\/]+$/, ''));
  if (files.length > 0) return files;
  throw new QuorateError('ANSWERS_INVALID', {
    where: source,
    expected: 'a folder with files of crowd answers',
    got: 'a folder without any',
    fix: `Name a file, or a folder with files that end in ${[...data].filter(Boolean).slice(0, 6).join(', ')}, ...`,
  });
}

/** The ending, but for that of gzip. */
function endingOf(name: string): string {
  return extname(name.replace(/\.gz$/i, ''));
}

function stemsOf(names: readonly string[]): string[] {
  const bare = (name: string): string =>
    name === '-' ? 'stdin' : basename(name.replace(/\.gz$/i, '')).replace(/\.[^.]+$/, '');
  const choices = [
    bare,
    (name: string) => basename(dirname(name)),
    (name: string) => name.replace(/(\.[^./]+)?(\.gz)?$/i, ''),
  ];
  for (const choice of choices) {
    const stems = names.map(choice);
    if (new Set(stems).size === names.length && !stems.includes('.') && !stems.includes('')) return stems;
  }
  return [...names];
}
