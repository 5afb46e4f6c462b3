import { createRequire } from 'node:module';
import { extname, isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '@quorate/core';

const typescript = new Set(['.ts', '.mts', '.cts']);

/**
 * Imports the module of a plugin. A file of the user's own in TypeScript goes through jiti; everything else is the
 * runtime's own import, packages in TypeScript too (they appear under a source condition, where a loader is present).
 */
export async function importPlugin(file: string, local: boolean): Promise<unknown> {
  if (local && typescript.has(extname(file))) return importSource(file);
  try {
    return await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (thrown) {
    // A lone file beside a program that is installed elsewhere: nothing has run yet, and jiti lends it our core and our
    // zod. Which of the two is missed first is chance: imports are resolved side by side.
    if (local && ['@quorate/core', 'zod'].includes(missingPackage(thrown) ?? '')) return importSource(file);
    throw thrown;
  }
}

/** Imports a TypeScript or JavaScript file that needs nothing installed beside it: it gets this program's core. */
export async function importSource(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const virtualModules: Record<string, unknown> = {
    '@quorate/core': await import('@quorate/core'),
    '@quorate/core/numbers': await import('@quorate/core/numbers'),
    '@quorate/core/bytes': await import('@quorate/core/bytes'),
    '@quorate/core/truth': await import('@quorate/core/truth'),
  };
  if (!resolvable('zod', file)) virtualModules['zod'] = await import('zod');
  const jiti = createJiti(file, { interopDefault: false, fsCache: false, moduleCache: false, virtualModules });
  return jiti.import(file);
}

function resolvable(name: string, from: string): boolean {
  try {
    createRequire(pathToFileURL(from)).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The package whose absence made an import fail, or undefined. */
export function missingPackage(thrown: unknown): string | undefined {
  const text = thrown instanceof Error ? thrown.message : '';
  const name = /(?:Cannot find (?:package|module)|Failed to (?:load|resolve)(?: url| import)?) ['"]?([^'"\s]+)/.exec(
    text,
  );
  if (!name?.[1] || name[1].startsWith('.') || isAbsolute(name[1]) || name[1].startsWith('file:')) return undefined;
  return name[1]
    .split('/')
    .slice(0, name[1].startsWith('@') ? 2 : 1)
    .join('/');
}

/** The first line of what a parser or a module threw while `file` was read, and the line of the file where it is known. */
export function whatFailed(thrown: unknown, file: string): { message: string; line: number | null } {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // cosmiconfig puts "YAML Error in <file>:" on a line of its own; parsers add an excerpt after theirs.
  const lines = text.split('\n').map((one) => one.trim());
  const useful = lines.filter((one) => one !== '' && !/^((YAML|JSON|TypeScript) Error in |>?\s*\d*\s*\|)/.test(one));
  const first = (useful[0] ?? messageOf(thrown))
    .replace(/ while parsing '.*$/, '')
    .replace(pathToFileURL(file).href, '')
    .replace(file, '');
  const message = first.replace(/^[\s:]+|[\s:.]+$/g, '') || 'an error without a message';
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const escaped = file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line =
    /\((\d+):\d+\)/.exec(message) ??
    /\bline (\d+)/.exec(message) ??
    /^> *(\d+) \|/m.exec(text) ??
    new RegExp(`${escaped}[^:\\s]*:(\\d+)`).exec(stack);
  return { message, line: line ? Number(line[1]) : null };
}
