const waits = new Set<{ readonly what: string }>();

/**
 * Waits for code that is not ours, under a name. A promise that never settles leaves a program with nothing to do: it
 * would end without a word. `waitingFor` says then what it was waiting for.
 */
export async function waitFor<V>(what: string, value: V | PromiseLike<V>): Promise<V> {
  const wait = { what };
  waits.add(wait);
  try {
    return await value;
  } finally {
    waits.delete(wait);
  }
}

/** What is being waited for, the longest wait first. */
export function waitingFor(): readonly string[] {
  return [...waits].map(({ what }) => what);
}
