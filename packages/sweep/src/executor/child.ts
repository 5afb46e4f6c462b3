/** A process that does one run of a sweep after the other; `ChildPool` starts it. */
import { Worker } from 'node:worker_threads';
import { messageOf, type Job } from '@quorate/core';
import { runJob, type Workshop } from '../job/run-job.js';
import { BEAT, PULSE, type FromChild, type ToChild } from './messages.js';

// A thread of its own: the run may compute for minutes without a pause, and a process that was stopped must not beat. Where
// nobody reads any more, whoever started this process is gone, and so is the reason to go on.
new Worker(
  `setInterval(() => {
     try { require('node:fs').writeSync(${PULSE}, '.'); } catch (e) { if (e.code !== 'EAGAIN') process.kill(process.pid, 'SIGKILL'); }
   }, ${BEAT})`,
  { eval: true },
).unref();

// A process's edge, as the command line is; for progress and timings.jsonl only.
// eslint-disable-next-line no-restricted-syntax
const clock = (): number => performance.now();

let workshop: Workshop | undefined;
let stop = new AbortController();

const say = (message: FromChild): void => void process.send?.(message);

async function work(job: Job): Promise<void> {
  stop = new AbortController();
  let said = -Infinity;
  const onProgress = (progress: Extract<FromChild, { type: 'progress' }>['progress']): void => {
    const now = clock();
    if (now - said < 200) return;
    said = now;
    say({ type: 'progress', progress });
  };
  say({ type: 'outcome', outcome: await runJob(job, workshop!, { signal: stop.signal, onProgress }) });
}

process.on('message', (message: ToChild) => {
  if (message.type === 'setup') workshop = { ...message.workshop, env: process.env, clock };
  else if (message.type === 'stop') stop.abort();
  else {
    work(message.job).catch((thrown: unknown) => {
      process.stderr.write(`${messageOf(thrown)}\n`);
      process.exit(1);
    });
  }
});
// Ctrl-C goes to every process of the terminal: whoever started this one says what is to be done.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => stop.abort());
process.on('disconnect', () => process.exit());
