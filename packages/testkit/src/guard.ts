import vm from 'node:vm';

/** Thrown where a call did not return in time: not shrunk, since each further try would cost as much. */
export class Hung extends Error {
  override readonly name = 'Hung';
}

const context = vm.createContext({ run: (): unknown => undefined }) as { run: () => unknown };
const call = new vm.Script('run()');

/**
 * Calls a synchronous function and interrupts it after `ms`, even inside an endless loop: a timer could not. Of a
 * function that returns a promise only the part before the first `await` is guarded.
 */
export function within<R>(ms: number, what: string, run: () => R): R {
  context.run = run;
  try {
    return call.runInContext(context, { timeout: ms }) as R;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    throw new Hung(`${what} did not return within ${ms} ms`);
  }
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
