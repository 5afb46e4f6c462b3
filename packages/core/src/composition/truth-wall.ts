import { kinds, type Kind } from '../contracts/index.js';
import { QuorateError } from '../errors.js';
import { token, type Token } from './token.js';
import { TruthToken } from '../truth.js';

/**
 * The kinds that may see the truth: what makes it, what answers by it, what measures by it. A part of these kinds would
 * tell it to whoever may call the part, so that other kinds can inject neither the truth nor such a part.
 */
const seesTruth: readonly Kind[] = ['datasetSource', 'workerSimulator', 'metric'];

const kindOfToken = new Map<symbol, Kind>(kinds.map((kind) => [token(kind), kind]));

/** The kind of part that a token stands for; undefined for values such as the dataset. */
export function kindOf(dependency: symbol): Kind | undefined {
  return kindOfToken.get(dependency);
}

/** May a part of `kind` have what the token stands for? */
export function isBehindWall(kind: Kind, dependency: Token<unknown>): boolean {
  if (seesTruth.includes(kind)) return false;
  const other = kindOf(dependency);
  return dependency === TruthToken || (other !== undefined && seesTruth.includes(other));
}

/** @param where The component and its plugin. */
export function wallError(where: string, kind: Kind, dependency: Token<unknown>): QuorateError {
  const other = kindOf(dependency);
  return new QuorateError('PLUGIN_INVALID', {
    where,
    expected: `a ${kind} that does not see the truth: only parts of the kinds ${seesTruth.join(', ')} may`,
    got: other === undefined ? 'an injection of the truth' : `an injection of the ${other}, which knows the truth`,
    fix: `Take it out: what a ${kind} may know is in the requests that it gets. This is a fault of the plugin; tell its author.`,
  });
}
