import { QuorateError, messageOf } from '@quorate/core';
import {
  Queue,
  QueueEvents,
  Worker,
  createPostgresBackend,
  type ConnectionOptions,
  type Processor,
  type WorkerOptions,
} from 'bullmq';
import type { Options } from './options.js';

/** What a job of ours travels as. */
export interface Data {
  readonly payload: string;
}

/** Queue, events and worker of one name, on whatever the address is of. */
export interface Connection {
  readonly queue: Queue<Data>;
  events(): QueueEvents;
  worker(processor: Processor<Data>, more: Omit<WorkerOptions, 'connection'>): Worker<Data>;
  close(): Promise<void>;
}

/** Milliseconds in which the queue must have answered. */
const PATIENCE = 10_000;

/** Throws CONFIG_INVALID where nothing answers at the address. */
export async function connect({ queue: url, name }: Options, note: (message: string) => void): Promise<Connection> {
  const redis = /^rediss?:/.test(url);
  let said = '';
  let answered = false;
  // Without a listener an error ends the process. What breaks off is connected again by itself.
  const heard = <E extends { on(event: 'error', listener: (error: Error) => void): unknown }>(one: E): E => {
    one.on('error', (error) => {
      const message = messageOf(error) || 'no connection';
      if (answered && message !== said) note(`The queue: ${message}.`);
      said = message;
    });
    return one;
  };
  const made: { close(): Promise<void> }[] = [];
  const keep = <E extends { close(): Promise<void> }>(one: E): E => {
    made.push(one);
    return one;
  };
  // Loosely typed: the classes infer the connection from the backend, which is known only here.
  const connection: unknown = redis ? { url, maxRetriesPerRequest: null } : { connectionString: url, migrate: true };
  const more = { connection: connection as ConnectionOptions };
  const backend = (redis ? undefined : createPostgresBackend) as undefined;
  const close = async (): Promise<void> => {
    // One that cannot be reached any more never closes.
    const closed = Promise.allSettled([...made].reverse().map((one) => one.close()));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
  };
  let queue: Queue<Data>;
  try {
    queue = keep(heard(new Queue<Data>(name, more, backend)));
    await within(PATIENCE, queue.waitUntilReady());
    answered = true;
  } catch (thrown) {
    void close();
    throw new QuorateError('CONFIG_INVALID', {
      where: `--queue ${withoutPassword(url)}`,
      expected: redis ? 'a Redis server that answers' : 'a Postgres server that answers',
      got: said || messageOf(thrown),
      fix: 'Start it, or correct the address.',
      cause: thrown,
    });
  }
  return {
    queue,
    events: () => keep(heard(new QueueEvents(name, more, backend))),
    worker: (processor, options) => keep(heard(new Worker<Data>(name, processor, { ...options, ...more }, backend))),
    close,
  };
}

async function within<V>(milliseconds: number, promise: Promise<V>): Promise<V> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} seconds`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:…@');
}
