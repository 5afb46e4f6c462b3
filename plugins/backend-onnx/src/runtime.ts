import { QuorateError, messageOf } from '@quorate/core';
import type { InferenceSession } from 'onnxruntime-common';

/** What all packages of ONNX Runtime for JavaScript share. */
export type Runtime = Pick<typeof import('onnxruntime-common'), 'InferenceSession' | 'Tensor' | 'env'> & {
  /** Only onnxruntime-node has it. */
  listSupportedBackends?(): readonly { readonly name: string; readonly bundled: boolean }[];
};

/** ONNX Runtime writes complaints to standard error; what matters comes as an exception, too. */
const FATAL = 4;

/** ONNX Runtime, ready to make sessions. */
export interface Engine {
  readonly runtime: Runtime;
  session(model: Uint8Array): Promise<InferenceSession>;
}

export interface EngineRequest {
  /** Name of the backend in the configuration. */
  readonly backend: string;
  readonly package: string;
  readonly importPackage: () => Promise<unknown>;
  /** Called once, before the first session. */
  readonly prepare?: (runtime: Runtime) => void;
  /** Execution providers, in order of preference. */
  readonly providers: readonly string[];
  readonly threads: number;
  /** What the user can do when the package does not load, and when it makes no session. */
  readonly remedies: { readonly missing: string; readonly refused: string };
}

/** @throws QuorateError BACKEND_UNAVAILABLE when the package is missing or broken, or lacks an execution provider. */
export async function openEngine(request: EngineRequest): Promise<Engine> {
  const runtime = await load(request);
  runtime.env.logLevel = 'fatal';
  request.prepare?.(runtime);
  const absent = unknownProvider(runtime, request.providers);
  if (absent !== undefined) throw refused(request, runtime, new Error(`no provider "${absent}"`));
  return {
    runtime,
    session: async (model) => {
      try {
        return await runtime.InferenceSession.create(model, {
          executionProviders: request.providers,
          intraOpNumThreads: request.threads,
          interOpNumThreads: 1,
          logSeverityLevel: FATAL,
          // Waiting threads would take the cores from the rest of the run, and from other programs.
          extra: { session: { intra_op: { allow_spinning: '0' } } },
        });
      } catch (cause) {
        throw refused(request, runtime, cause);
      }
    },
  };
}

/** ONNX Runtime would leave such a provider out and go on with the next one. */
function unknownProvider(runtime: Runtime, providers: readonly string[]): string | undefined {
  const known = runtime.listSupportedBackends?.().map(({ name }) => name);
  return known && providers.find((name) => !known.includes(name));
}

function refused({ backend, package: name, providers, remedies }: EngineRequest, runtime: Runtime, cause: unknown) {
  const bundled = runtime.listSupportedBackends?.().flatMap(({ name, bundled }) => (bundled ? [name] : []));
  return new QuorateError('BACKEND_UNAVAILABLE', {
    where: `backend "${backend}"`,
    expected: `a session on ${providers.join(', ')}${bundled ? ` (${name} ships ${bundled.join(', ')})` : ''}`,
    got: `"${messageOf(cause)}"`,
    fix: remedies.refused,
    cause,
  });
}

async function load({ backend, package: name, importPackage, remedies }: EngineRequest): Promise<Runtime> {
  try {
    const loaded = (await importPackage()) as Runtime & { readonly default?: Runtime };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: `backend "${backend}"`,
      expected: `the package ${name}`,
      got: `"${messageOf(cause)}"`,
      fix: remedies.missing,
      cause,
    });
  }
}
