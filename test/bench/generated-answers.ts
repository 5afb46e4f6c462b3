import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';

/** The generated crowd of the benches: a million answers to 200,000 tasks, by 1,000 workers, of 10 classes. */
export const [TASKS_PER_MILLION, WORKERS, K] = [200_000, 1_000, 10];

/** Five answers per task, of workers who are right with probability 0.5 to 0.9. */
export function* answers(count: number): Generator<readonly [number, number, number], void, undefined> {
  const rng = makeRng('bench');
  const tasks = (count / 1_000_000) * TASKS_PER_MILLION;
  const skill = Float64Array.from({ length: WORKERS }, () => 0.5 + 0.4 * rng.uniform());
  const truth = Int32Array.from({ length: tasks }, () => rng.int(K));
  for (let a = 0; a < count; a++) {
    const task = a % tasks;
    const worker = rng.int(WORKERS);
    const right = rng.uniform() < skill[worker]!;
    yield [task, worker, right ? truth[task]! : rng.int(K)];
  }
}

/** The same answers as `task,worker,label`; returns the file. */
export function writeAnswers(folder: string, count: number): string {
  const file = join(folder, `answers-${count}.csv`);
  const fd = openSync(file, 'w');
  let text = 'task,worker,label\n';
  for (const [task, worker, label] of answers(count)) {
    text += `task-${task},worker-${worker},class-${label}\n`;
    if (text.length < 1 << 20) continue;
    writeSync(fd, text);
    text = '';
  }
  writeSync(fd, text);
  closeSync(fd);
  return file;
}
