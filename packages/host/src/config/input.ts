import type { Kind, PartOptions, sectionOf } from '@quorate/core';
import type { z } from 'zod';
import type { runOptions } from './run-options.js';

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** A component by name, and its options, which its own schema checks. */
interface SectionInput {
  readonly use?: string;
  readonly [option: string]: Plain | undefined;
}

type KindOf<S> = { [K in Kind]: (typeof sectionOf)[K] extends S ? K : never }[Kind];
type Section = Exclude<(typeof sectionOf)[Kind], 'metrics'>;

/** A configuration as a program writes it: the keys of a configuration file, without `extends`. */
export type ConfigInput = Readonly<Partial<z.input<typeof runOptions>>> & {
  readonly experiment?: string | null;
  readonly method?: string | null;
  readonly simulation?: string | null;
  /** Packages, or paths as seen from the working directory. */
  readonly plugins?: string | readonly string[];
  readonly metrics?: readonly (SectionInput & { readonly use: string })[] | null;
} & { readonly [S in Section]?: SectionInput | null };

/** A component's options where the program imports the plugin that has it, and any others where it does not. */
type CheckedPart<K extends Kind, Given> = Given extends { readonly use: infer U extends string }
  ? `${K}/${U}` extends keyof PartOptions
    ? { readonly use: U } & Only<PartOptions[`${K}/${U}`], Exclude<keyof Given, 'use'>>
    : Given
  : Given;

/** What a preset sets may be left out; what the schema does not have may not be there. */
type Only<Options, Keys> = Partial<Options> & { readonly [Key in Exclude<Keys, keyof Options> & string]?: never };

/** The configuration `C` again, with the options of parts that the compiler knows in place of any options. */
export type CheckedConfig<C> = {
  readonly [S in keyof C]: S extends 'metrics'
    ? C[S] extends readonly unknown[]
      ? { readonly [I in keyof C[S]]: CheckedPart<'metric', C[S][I]> }
      : C[S]
    : S extends Section
      ? CheckedPart<KindOf<S>, C[S]>
      : S extends keyof ConfigInput
        ? C[S]
        : never;
};
