import type { ServiceIdentifier } from 'inversify';

/** A typed injection token. `Symbol.for` makes it one and the same across copies of core in one tree. */
export type Token<T> = symbol & { readonly __type?: T };

export function token<T>(name: string): Token<T> & ServiceIdentifier<T> {
  return Symbol.for(`@quorate/core/${name}`);
}
