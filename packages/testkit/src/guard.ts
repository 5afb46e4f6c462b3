/** Thrown where a call did not return in time: not shrunk, since each further try would cost as much. */
export class Hung extends Error {
  override readonly name = 'Hung';
}

/** Waits for a promise, at most `ms`. */
export async function settled<R>(ms: number, what: string, promise: R | Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Hung(`${what} did not settle within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
