import type { z } from 'zod';
import type { sectionOf } from '@quorate/core';
import type { runOptions } from './run-options.js';

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** A component by name, and its options, which its own schema checks. */
interface SectionInput {
  readonly use?: string;
  readonly [option: string]: Plain | undefined;
}

type Section = Exclude<(typeof sectionOf)[keyof typeof sectionOf], 'metrics'>;

/** A configuration as a program writes it: the keys of a configuration file, without `extends`. */
export type ConfigInput = Readonly<Partial<z.input<typeof runOptions>>> & {
  readonly experiment?: string | null;
  readonly method?: string | null;
  readonly simulation?: string | null;
  /** Packages, or paths as seen from the working directory. */
  readonly plugins?: string | readonly string[];
  readonly metrics?: readonly (SectionInput & { readonly use: string })[] | null;
} & { readonly [S in Section]?: SectionInput | null };
