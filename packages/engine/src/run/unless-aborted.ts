/** What the promise gives, or undefined as soon as the signal aborts: people may take their time. */
export async function unlessAborted<V>(promise: Promise<V>, signal?: AbortSignal): Promise<V | undefined> {
  if (!signal) return promise;
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    promise.catch(() => undefined);
  }
}
