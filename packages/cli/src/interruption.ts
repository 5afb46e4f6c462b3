/** Ctrl-C and SIGTERM during a run: the first one ends it in order, the second at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Ends the run in order, as the first Ctrl-C does. */
  abort(): void;
  /** Stops listening: Ctrl-C kills again. */
  release(): void;
}

/** Exit code of a run that was interrupted, as shells give it for SIGINT. */
export const INTERRUPTED = 130;

/** @param onFirst Called once, at the first signal. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    // Everything that was saved is whole at every instant, so that leaving at once loses only the step in hand.
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
    onFirst();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** Lets the event loop deliver signals and write output between two steps of a run that never waits for anything. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
