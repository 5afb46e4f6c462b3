/**
 * The evaluation truth, behind a wall: this entry (`@quorate/core/truth`) is for worker simulators, metrics and dataset
 * sources only. Nothing that infers a label can receive it; a layer test and the blindfold law hold the wall.
 */
import { token } from './composition/token.js';

/** True class of every item to be labelled. Length N, values 0..K-1; -1 where nobody knows it: such items are not scored. */
export interface Truth {
  readonly classOf: Int32Array;
}

/** Token of the run's truth. `null` where none is known (a real campaign). */
export const TruthToken = token<Truth | null>('Truth');
