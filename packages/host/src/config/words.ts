import type { Layer, Word } from './layer.js';
import type { Problem } from './problems.js';
import { inOurWords, type Assignment } from './published-words.js';
import { isForbiddenKey, toPlain, withValue, type Tree } from '../tree.js';

/** Variables of Quorate that are not configuration. */
export const reservedVariables = [
  'QUORATE_DATA_DIR',
  'QUORATE_CONFIG',
  'QUORATE_SHARED',
  'QUORATE_CACHE_DIR',
  'QUORATE_THREADS',
] as const;

const prefix = 'QUORATE_';

/**
 * `a.b=c` words of the command line as one layer; words of the published program count as ours, and `note` says which. A
 * value is read as JSON, `[a, b]` as a list too (a shell drops quotes), and is a string where it is neither.
 */
export function wordsLayer(
  words: readonly string[],
  problems: Problem[],
  note: (message: string) => void = () => undefined,
): Layer | null {
  const assignments: Assignment[] = [];
  for (const [place, word] of words.entries()) {
    const at = word.indexOf('=');
    // The value of `seed 3`, of which the word before has been complained.
    if (at < 0 && place > 0 && meantKey(words[place - 1]!) !== undefined) continue;
    const key = at < 0 ? word : word.slice(0, at);
    if (at < 0 || !/^[$A-Za-z_][\w$-]*(\.[\w$-]+)*$/.test(key)) {
      problems.push({
        where: 'command line',
        expected: 'key=value, for instance sampler.hitSize=40',
        got: JSON.stringify(word),
        fix: fixFor(word, words[place + 1]),
      });
      continue;
    }
    assignments.push({ path: key.split('.'), text: word.slice(at + 1), origin: 'command line' });
  }
  const ours = inOurWords(assignments, problems);
  if (ours.note !== null) note(ours.note);
  return layer('command line', ours.assignments, problems);
}

/** The key of a word without a value; undefined where there is none. */
function meantKey(word: string): string | undefined {
  return /^(--?)?([A-Za-z_][\w.]*)$/.exec(word)?.[2];
}

function fixFor(word: string, next: string | undefined): string {
  const key = meantKey(word);
  const value = next === undefined || next.includes('=') ? '...' : next;
  return key === undefined
    ? 'Write the key, "=" and the value without spaces around "=".'
    : `Write ${key}=${value} (key, "=" and value, without spaces).`;
}

/**
 * `QUORATE_...` variables as one layer: a double underscore is a dot and SCREAMING_SNAKE becomes camelCase, so that
 * `QUORATE_SAMPLER__HIT_SIZE=10` is `sampler.hitSize=10`. Values are read as on the command line; an empty variable
 * counts as not set.
 */
export function variablesLayer(env: Readonly<Record<string, string | undefined>>, problems: Problem[]): Layer | null {
  const assignments: Assignment[] = [];
  const reserved: readonly string[] = reservedVariables;
  for (const name of Object.keys(env).sort()) {
    const text = env[name];
    if (!name.startsWith(prefix) || reserved.includes(name) || text === undefined || text === '') continue;
    if (!/^[A-Z][A-Z0-9]*(_{1,2}[A-Z0-9]+)*$/.test(name.slice(prefix.length))) {
      problems.push({
        where: name,
        expected: 'a name like QUORATE_SAMPLER__HIT_SIZE (two underscores for a dot, one between words)',
        got: JSON.stringify(name),
        fix: 'Rename the variable, or unset it.',
      });
      continue;
    }
    const path = name.slice(prefix.length).split('__').map(camelCase);
    assignments.push({ path, text, origin: name });
  }
  return layer('environment', assignments, problems);
}

/** The variable that sets a path: `sampler.hitSize` → `QUORATE_SAMPLER__HIT_SIZE`. */
export function variableOf(path: readonly string[]): string {
  return prefix + path.map((part) => part.replace(/([A-Z])/g, '_$1').toUpperCase()).join('__');
}

function camelCase(screaming: string): string {
  return screaming.toLowerCase().replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

function layer(origin: string, assignments: readonly Assignment[], problems: Problem[]): Layer | null {
  let tree: Tree = {};
  const words = new Map<string, Word>();
  for (const { path, text, origin: source } of assignments) {
    const refuse = (where: readonly string[], expected: string, got: string): void => {
      problems.push({ where: `${source}: ${where.join('.')}`, expected, got, fix: 'Remove it.' });
    };
    const forbidden = path.find(isForbiddenKey);
    if (forbidden !== undefined) {
      refuse(path, 'keys of the configuration', `the key ${forbidden}`);
      continue;
    }
    const value = toPlain(parseValue(text), (fault) => refuse([...path, ...fault.path], fault.expected, fault.got));
    if (value === undefined) continue;
    tree = withValue(tree, path, value);
    words.set(path.join('.'), { origin: source, text });
  }
  return assignments.length === 0 ? null : { origin, preset: false, tree, words };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return /^\[[^[\]{}"]*\]$/.test(text) ? barewords(text) : text;
  }
}

/** `[a, 2]`: what a shell leaves of `["a", 2]`. */
function barewords(text: string): unknown[] {
  const inside = text.slice(1, -1).trim();
  return inside === '' ? [] : inside.split(',').map((word) => parseValue(word.trim()));
}
