import { defineComponent, T, type StoppingRule, type StopRequest } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnStoppingRule implements StoppingRule {
  readonly #share: number;

  constructor(@inject(Options) { share }: z.output<typeof options>) {
    this.#share = share;
  }

  stop({ valid, items }: StopRequest): string | null {
    return valid >= this.#share * items ? `${valid} of ${items} items are valid, the share that was asked for` : null;
  }
}
