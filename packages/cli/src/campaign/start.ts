import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { QuorateError, type ClassLabel, type FeatureSubject } from '@quorate/core';
import type { NewTask } from '@quorate/campaign';
import type { FeatureJob, Subjects } from '@quorate/extract';
import { prepareRequest } from '../prepare-request.js';

export interface SourceRequest {
  readonly source: string;
  readonly cwd: string;
  readonly columns: { readonly id: string | null; readonly text: string | null; readonly image: string | null };
  readonly note: (message: string) => void;
}

/** What is to be labelled, and how it is shown. */
export interface Source {
  readonly subjects: Subjects;
  readonly tasks: readonly NewTask[];
  /** Absolute: images are shown from below it, and from nowhere else. */
  readonly root: string;
  /** True where features can be made of it here without a model. */
  readonly images: boolean;
}

/** Lists a folder of images, or the rows of a CSV file: texts, paths or URLs of images. */
export async function readSource({ source, cwd, columns, note }: SourceRequest): Promise<Source> {
  const { findSubjects } = await import('@quorate/extract');
  const path = resolve(cwd, source);
  const request = { name: source, path, labelsFromFolders: false, columns: { ...columns, label: null } };
  const subjects = await findSubjects(request);
  for (const message of subjects.notes) if (!message.includes('labels are left out')) note(message);
  const root = extname(path)
    .toLowerCase()
    .match(/^\.(csv|tsv|txt)$/)
    ? dirname(path)
    : path;
  const tasks: NewTask[] = [];
  for await (const subject of subjects.from(0)) tasks.push(taskOf(subject, root));
  return { subjects, tasks, root, images: tasks.every(({ kind }) => kind === 'image') };
}

function taskOf(subject: FeatureSubject, root: string): NewTask {
  if (subject.kind === 'text') return { id: subject.id, kind: 'text', content: subject.text };
  const below = relative(root, subject.path).split(sep).join('/');
  const url = /^(https?):\/+/.exec(below);
  if (url) return { id: subject.id, kind: 'url', content: below.replace(/^(https?):\/+/, '$1://') };
  return { id: subject.id, kind: 'image', content: below };
}

/** Features of the images, as `features.npy` in the folder of the campaign. @returns ids of what could not be read. */
export async function makeFeatures(given: {
  readonly subjects: Subjects;
  readonly folder: string;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly skipBad: boolean;
  readonly note: (message: string) => void;
  readonly progress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}): Promise<readonly string[] | 'interrupted'> {
  const { subjects, folder, words, cwd, skipBad, note, progress, signal } = given;
  const { openFeatures, prepareFeatures } = await import('@quorate/extract');
  const { Inputs, giveName, removeFiles } = await import('@quorate/host');
  const prepared = await prepareFeatures(prepareRequest({ words, config: undefined }), subjects.kind, null);
  const out = join(folder, 'features.npy');
  // What is there is replaced only by what is complete.
  const making = join(folder, 'making.npy');
  const leftovers = ['csv', 'json'].map((ending) => join(folder, `making.${ending}`));
  const resume = existsSync(making) || existsSync(`${making}.partial`);
  if (!resume) removeFiles(...leftovers);
  let job: FeatureJob | undefined;
  try {
    const shared = { resume, skipBad, cwd, env: process.env, onNote: note };
    job = await openFeatures({ prepared, subjects, out: making, ...shared });
    const batches = job.batches(signal);
    for (;;) {
      const next = await batches.next();
      if (next.done) {
        if (next.value.stopped === 'interrupted') return 'interrupted';
        giveName(making, out, new Inputs());
        removeFiles(...leftovers);
        return next.value.leftOut;
      }
      progress(next.value.done, job.total);
    }
  } finally {
    await job?.dispose();
  }
}

/** The classes as the user wrote them: `cat,dog`, or a JSON list for names with commas, numbers or booleans. */
export function classesOf(text: string | undefined): readonly ClassLabel[] {
  const given: unknown = text?.trim().startsWith('[') ? tryJson(text) : text?.split(',').map((name) => name.trim());
  const names = Array.isArray(given) ? (given as unknown[]) : [];
  const legal = names.every((name) => name !== '' && ['string', 'number', 'boolean'].includes(typeof name));
  if (names.length >= 2 && legal && new Set(names.map(String)).size === names.length) return names as ClassLabel[];
  throw new QuorateError('CONFIG_INVALID', {
    where: '--classes',
    expected: 'two or more different class names',
    got: text === undefined ? 'none' : `"${text}"`,
    fix: 'Write: --classes cat,dog (or a JSON list, for names that contain commas).',
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `photos/` → `photos-campaign`. */
export function defaultFolder(source: string, cwd: string): string {
  const name = basename(resolve(cwd, source)).replace(/\.(csv|tsv|txt)$/i, '');
  return resolve(cwd, `${name}-campaign`);
}

/** `a.b=c` words as a tree. Values are read as JSON, and are strings where they are not JSON. */
export function treeOf(words: readonly string[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const word of words) {
    const cut = word.indexOf('=');
    const path = word.slice(0, cut).split('.');
    if (cut < 1 || path.some((key) => !/^[a-z]\w*$/i.test(key) || key === '__proto__')) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'command line',
        expected: 'key=value',
        got: `"${word}"`,
        fix: 'Write for instance budget=1000 or method=quorate.',
      });
    }
    let at = tree;
    for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    const text = word.slice(cut + 1);
    at[path.at(-1)!] = tryJson(text) ?? text;
  }
  return tree;
}
