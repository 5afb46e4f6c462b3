/** What is pushed comes out of the iteration, in order, whoever is faster. To be iterated once. */
export class EventQueue<E> implements AsyncIterable<E> {
  readonly #waiting: E[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  push(event: E): void {
    if (this.#ended) return;
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** The iteration ends once all that was pushed has come out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift()!;
      if (this.#ended) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
}
