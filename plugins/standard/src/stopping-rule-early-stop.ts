import { defineComponent, type Snapshot, type StopRequest, type StoppingRule } from '@quorate/core';
import { z } from 'zod';

/**
 * Stops when the number of valid items has not reached its maximum again for a while [Liao21]:
 *
 *     calls > w,   annotations >= N/2,   and the maximum so far lies before the last w calls,
 *     w = max(⌊5000 / annotationsPerStep⌋, 5)
 */
export class EarlyStop implements StoppingRule {
  #calls = 0;
  #mostValid = -1;
  /** The last call that saw `mostValid`. */
  #callOfMost = -1;

  stop({ valid, items, annotations, annotationsPerStep }: StopRequest): string | null {
    const call = this.#calls++;
    if (valid >= this.#mostValid) {
      this.#mostValid = valid;
      this.#callOfMost = call;
    }
    const window = Math.max(Math.floor(5000 / annotationsPerStep), 5);
    if (this.#calls <= window || annotations < items / 2 || call - this.#callOfMost < window) return null;
    return `early stop: the number of valid tasks was last at its maximum, ${this.#mostValid}, ${call - this.#callOfMost} steps ago`;
  }

  snapshot(): Snapshot {
    return { calls: this.#calls, mostValid: this.#mostValid, callOfMost: this.#callOfMost };
  }

  restore(state: Snapshot): void {
    const { calls, mostValid, callOfMost } = state as { calls: number; mostValid: number; callOfMost: number };
    this.#calls = calls;
    this.#mostValid = mostValid;
    this.#callOfMost = callOfMost;
  }
}

export default defineComponent({
  kind: 'stoppingRule',
  name: 'early_stop',
  summary: 'ends the run when more annotations have not made more tasks valid for a while',
  options: z.strictObject({}),
  create: () => new EarlyStop(),
});
