import { signal } from './signal';
import type { Label } from './api';

/** What keys do beside naming a class. */
export type Command = 'undo' | 'skip' | 'flag' | 'help';

export interface Keys {
  readonly classes: readonly string[];
  readonly commands: Readonly<Record<Command, string>>;
}

const usual = { undo: 'u', skip: 's', flag: 'f', help: '?' };
/** Layouts by name: keys of the classes in their order, and of the commands. */
const layouts = {
  digits: { row: '1234567890', commands: usual },
  'left hand': { row: '12345qwert', commands: { undo: 'z', skip: 'x', flag: 'c', help: 'v' } },
} as const;
export type Layout = keyof typeof layouts;
export const layoutNames = Object.keys(layouts) as Layout[];

const STORE = 'quorate/keys';
interface Chosen {
  layout: Layout;
  /** Own keys, by class. */
  own: Record<string, string>;
}

function read(): Chosen {
  try {
    const stored = JSON.parse(localStorage.getItem(STORE) ?? '{}') as Partial<Chosen>;
    return { layout: stored.layout && stored.layout in layouts ? stored.layout : 'digits', own: stored.own ?? {} };
  } catch {
    return { layout: 'digits', own: {} };
  }
}

export const chosen = signal<Chosen>(read());

export function choose(change: Partial<Chosen>): void {
  chosen.value = { ...chosen.value, ...change };
  localStorage.setItem(STORE, JSON.stringify(chosen.value));
}

/** The key of each class: its name where all names are one character long, else by the layout. Own keys win. */
export function keysOf(classes: readonly Label[]): Keys {
  const { layout, own } = chosen.value;
  const { row, commands } = layouts[layout];
  const names = classes.map((label) => String(label).toLowerCase());
  const free = (name: string): boolean => name.length === 1 && !Object.values(commands).includes(name);
  const named = layout === 'digits' && names.every(free) && new Set(names).size === names.length;
  const from = named ? names : classes.length > row.length ? names.map(() => '') : [...row];
  const mine = classes.map((label) => own[String(label)] ?? '');
  // A key that was given away by hand is nobody else's.
  return { classes: names.map((_, k) => mine[k] || (mine.includes(from[k]!) ? '' : from[k]!)), commands };
}
