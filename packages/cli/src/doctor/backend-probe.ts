import {
  T,
  compose,
  isQuorateError,
  makeRng,
  messageOf,
  type ErrorDetail,
  type Files,
  type LearnerBackend,
  type Registry,
} from '@quorate/core';

/** What became of starting a learner backend, and how fast it is. */
export type Probe =
  | {
      readonly started: true;
      /** The backend's own name: another one than was asked for where that was a choice, as `auto` is. */
      readonly name: string;
      /** Of `probeShape`; null where it was not timed. */
      readonly stepsPerSecond: number | null;
    }
  | { readonly started: false; readonly why: string; readonly unavailable: boolean };

/** The fit that is timed: that of the paper's learner on features of a ResNet-50. */
export const probeShape = { features: 2048, hidden: 64, classes: 37, batchSize: 1024, steps: 300 } as const;

const ENOUGH_SECONDS = 0.7;

/** Starts a learner backend, with its options' defaults, and times it unless `quick`. */
export async function probe(registry: Registry, name: string, files: Files, quick: boolean): Promise<Probe> {
  const run = compose({
    registry,
    choices: { learnerBackend: [{ use: name, options: {} }] },
    rng: makeRng('doctor'),
  });
  run.provide(T.Files, files);
  try {
    const backend = await run.get('learnerBackend');
    const timed = !quick && backend.name === name;
    return { started: true, name: backend.name, stepsPerSecond: timed ? await stepsPerSecond(backend) : null };
  } catch (thrown) {
    if (!isQuorateError(thrown)) return { started: false, why: messageOf(thrown), unavailable: false };
    const { code, detail } = thrown;
    if (code !== 'BACKEND_UNAVAILABLE') return { started: false, why: messageOf(thrown), unavailable: false };
    return { started: false, why: whyNot(detail), unavailable: true };
  } finally {
    await run.dispose();
  }
}

function whyNot({ expected, got, fix }: ErrorDetail): string {
  const absent = got === 'no such package';
  return absent ? `${expected} is not installed. ${fix}` : `it needs ${expected}, and got ${got}. ${fix}`;
}

/** Times the steps of a fit and not what it prepares: first one step, then as many as take long enough. */
async function stepsPerSecond(backend: LearnerBackend): Promise<number> {
  const { features: D, hidden: H, classes: K, batchSize: B, steps } = probeShape;
  const rng = makeRng('doctor');
  const uniform = (n: number, bound: number): Float32Array =>
    Float32Array.from({ length: n }, () => bound * (2 * rng.uniform() - 1));
  const rows = Int32Array.from({ length: B }, (_, i) => i);
  const data = { features: uniform(B * D, 1), columns: D, rows, labels: rows.map((i) => i % K) };
  const start = {
    weights: [uniform(D * H, D ** -0.5), uniform(H * K, H ** -0.5)],
    biases: [uniform(H, D ** -0.5), uniform(K, H ** -0.5)],
  };
  const batches = Int32Array.from({ length: steps * B }, () => rng.int(B));
  const spec = { layers: [D, H, K], learningRate: 3.2e-3, weightDecay: 1e-3 };
  /** Seconds of a step, between the first look at the fit and the first one that is late enough. */
  const secondsOfStep = async (every: number, enough: number): Promise<number> => {
    let [begun, done, seconds] = [0, 0, NaN];
    const onChunk = (now: number): boolean => {
      if (done === 0) {
        [begun, done] = [performance.now(), now];
        return true;
      }
      const elapsed = (performance.now() - begun) / 1000;
      seconds = elapsed / (now - done);
      return elapsed < enough;
    };
    await backend.fit(spec, data, start, batches, B, { every, onChunk });
    return seconds;
  };
  const first = await secondsOfStep(1, 0);
  if (first >= ENOUGH_SECONDS / 2) return 1 / first;
  const every = Math.min(steps / 3, Math.max(1, Math.round(ENOUGH_SECONDS / 3 / first)));
  return 1 / (await secondsOfStep(every, ENOUGH_SECONDS));
}
