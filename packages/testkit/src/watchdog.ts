import { isMainThread, Worker } from 'node:worker_threads';
import { Hung } from './guard.js';

/** Milliseconds that one case of a law may take before it counts as one that never ends. */
export const CASE_MS = 20_000;

/**
 * The watching thread. It looks now and then whether the counter has changed in time, which costs the main thread nothing;
 * else it has the main thread's debugger say in which functions it is, and has V8 end what runs there.
 */
const WATCH = `
const { parentPort, workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { Session } = require('node:inspector');
const POLL_MS = 50;
const [turn, limit] = workerData.map((shared) => new Int32Array(shared));
const main = new Session();
main.connectToMainThread();
parentPort.on('message', () => undefined);
const post = (method) => new Promise((done) => main.post(method, done));
const files = new Map();
main.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url.replace('file://', '')));
const place = ({ functionName, location }) =>
  (functionName || 'a function') + ' (' + files.get(location.scriptId) + ':' + (location.lineNumber + 1) + ')';
async function watch() {
  let [seen, since] = [0, 0];
  for (;;) {
    Atomics.wait(turn, 0, 0);
    // In this order: what shortens the limit changes the turn first.
    const ms = Atomics.load(limit, 0);
    const now = Atomics.load(turn, 0);
    if (now !== seen) [seen, since] = [now, performance.now()];
    if (now === 0 || performance.now() - since < ms) {
      if (now !== 0) Atomics.wait(turn, 0, now, POLL_MS);
      continue;
    }
    const paused = new Promise((done) => main.once('Debugger.paused', ({ params }) => done(params.callFrames)));
    await post('Debugger.enable');
    await post('Debugger.pause');
    const frames = (await paused).slice(0, 4).map(place).join(', called by ');
    writeSync(2, 'testkit: stopped an endless loop in ' + frames + '\\n');
    Atomics.store(turn, 0, 0);
    post('Runtime.terminateExecution');
    post('Debugger.disable');
    parentPort.postMessage({ frames, ms });
  }
}
parentPort.postMessage('ready');
setImmediate(watch);
`;

/** 0 while nothing is watched, else a number that changes with every case. */
const turn = new Int32Array(new SharedArrayBuffer(4));
const limit = new Int32Array(new SharedArrayBuffer(4));
const TICKS = 10;
let turns = 0;
/** Ticks of the timer since the case began. */
let idle = 0;
let underway: () => string = () => '';
let watching: Promise<Worker> | undefined;

function watcher(): Promise<Worker> {
  watching ??= new Promise((ready, failed) => {
    const worker = new Worker(WATCH, { eval: true, workerData: [turn.buffer, limit.buffer] });
    worker.once('error', failed);
    worker.once('message', () => {
      worker.unref();
      ready(worker);
    });
  });
  return watching;
}

function next(): void {
  turns = (turns % 1e9) + 1;
  if (turn[0] !== 0) Atomics.store(turn, 0, turns);
}

/** Calls a function whose endless loop is to be found sooner than that of a whole case, within a law that is watched. */
export function within<R>(ms: number, run: () => R): R {
  const before = Atomics.load(limit, 0);
  next();
  Atomics.store(limit, 0, ms);
  try {
    return run();
  } finally {
    Atomics.store(limit, 0, before);
    next();
  }
}

/** The law that is watched made progress; `what` describes the case that begins, should it be the last. */
export function begin(what: () => string): void {
  underway = what;
  idle = 0;
  next();
}

/**
 * Runs a law and ends it when a case takes longer than `ms`: a promise that never settles, or an endless loop, in
 * whatever function and after whatever `await`. Node ends the whole process, after a line on stderr that names the
 * functions, where the loop is in a timer's callback. A loop in a thread that is not the process's main one (vitest's
 * pool `threads`) is not caught.
 */
export async function watched(ms: number, run: () => void | Promise<void>): Promise<void> {
  const worker = isMainThread ? await watcher() : undefined;
  let stop: NodeJS.Timeout | undefined;
  let looped: ((loop: { frames: string; ms: number }) => void) | undefined;
  const hung = new Promise<never>((_, reject) => {
    const late = (what: string): void => reject(new Hung(`${what}${underway()}`));
    looped = (loop) => late(`an endless loop: ${loop.frames} did not return within ${Math.round(loop.ms)} ms`);
    worker?.once('message', looped);
    stop = setInterval(() => {
      if (++idle >= TICKS) late(`a promise did not settle within ${ms} ms`);
    }, ms / TICKS);
  });
  // Later than the timer, which cannot fire in a loop.
  Atomics.store(limit, 0, 1.25 * ms);
  begin(() => '');
  if (worker) {
    Atomics.store(turn, 0, turns);
    Atomics.notify(turn, 0);
  }
  try {
    // In a microtask of its own: V8 ends all that is on the stack.
    await Promise.race([hung, Promise.resolve().then(run)]);
  } finally {
    clearInterval(stop);
    if (worker && looped) worker.off('message', looped);
    Atomics.store(turn, 0, 0);
  }
}
