import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MetricsSink, SinkContext } from '@quorate/core';
import { describeMetricsSink, type KeptStep } from '@quorate/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';
import plugin, { jsonl, mlflow, tensorboard } from './index.js';

const home = mkdtempSync(join(tmpdir(), 'quorate-tracking-'));
afterAll(() => rmSync(home, { recursive: true }));
let folders = 0;

const context: SinkContext = {
  file: (path) => {
    mkdirSync(dirname(path), { recursive: true });
    return { append: (bytes) => appendFileSync(path, bytes), clear: () => writeFileSync(path, '') };
  },
  now: () => 1_700_000_000_000,
};

it('CRC-32C of the nine digits, as its definition gives it', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

/** A reader of event files, from the formats' definitions and not from the writer. */
function eventsOf(
  file: string,
): { step: number; values: [string, number][]; seconds: number; version: string | null }[] {
  const data = readFileSync(file);
  const events = [];
  for (let at = 0; at < data.length;) {
    const length = Number(data.readBigUInt64LE(at));
    expect(data.readUInt32LE(at + 8)).toBe(maskedCrc32c(data.subarray(at, at + 8)));
    const body = data.subarray(at + 12, at + 12 + length);
    expect(data.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(body));
    const event = { step: 0, values: [] as [string, number][], seconds: 0, version: null as string | null };
    for (const [number, content] of fieldsOf(body)) {
      if (number === 1) event.seconds = (content as Buffer).readDoubleLE();
      if (number === 2) event.step = content as number;
      if (number === 3) event.version = (content as Buffer).toString();
      if (number === 5) {
        for (const [, value] of fieldsOf(content as Buffer)) {
          const parts = new Map(fieldsOf(value as Buffer));
          event.values.push([(parts.get(1) as Buffer).toString(), (parts.get(2) as Buffer).readFloatLE()]);
        }
      }
    }
    events.push(event);
    at += 16 + length;
  }
  return events;
}

function fieldsOf(body: Buffer): [number, Buffer | number][] {
  const fields: [number, Buffer | number][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < body.length) {
    const key = varint();
    const take = (length: number): Buffer => body.subarray(at, (at += length));
    const kind = key & 7;
    fields.push([key >> 3, kind === 0 ? varint() : take(kind === 1 ? 8 : kind === 5 ? 4 : varint())]);
  }
  return fields;
}

describeMetricsSink('tensorboard', async () => {
  const folder = join(home, String(folders++));
  return {
    sink: await tensorboard.open(folder, context),
    read: async () =>
      readdirSync(folder).flatMap((run) => {
        const [first, ...rest] = eventsOf(join(folder, run, 'events.out.tfevents.quorate'));
        expect(first).toMatchObject({ version: 'brain.Event:2', seconds: 1_700_000_000 });
        return rest.map(({ step, values }): KeptStep => ({ run, step, metrics: Object.fromEntries(values) }));
      }),
  };
});

describeMetricsSink('jsonl', async () => {
  const folder = join(home, String(folders++));
  return {
    sink: await jsonl.open(folder, context),
    read: async () =>
      readdirSync(folder).flatMap((run) => {
        expect(JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8'))).toMatchObject({ seed: 1 });
        const lines = readFileSync(join(folder, run, 'history.jsonl'), 'utf8')
          .trim()
          .split('\n');
        return lines.map((line): KeptStep => {
          const { _step, ...metrics } = JSON.parse(line) as Record<string, number>;
          return { run, step: _step!, metrics };
        });
      }),
  };
});

interface Kept {
  name: string;
  params: Map<string, string>;
  metrics: { key: string; value: number; step: number }[];
  status: string;
  gone: boolean;
}

/** As much of MLflow's tracking server as its REST API documents and a sink needs; it refuses what the real one refuses. */
class Tracking {
  readonly runs = new Map<string, Kept>();
  experiments: string[] = [];

  answer(method: string, body: Record<string, never>): object | null {
    const given = body as Record<string, unknown>;
    if (method === 'experiments/search')
      return { experiments: this.experiments.map((name) => ({ name, experiment_id: '7' })) };
    if (method === 'experiments/create') {
      this.experiments.push(String(given['name']));
      return { experiment_id: '7' };
    }
    if (method === 'runs/create') {
      const id = `run${this.runs.size}`;
      this.runs.set(id, {
        name: String(given['run_name']),
        params: new Map(),
        metrics: [],
        status: 'RUNNING',
        gone: false,
      });
      return { run: { info: { run_id: id } } };
    }
    if (method === 'runs/search') {
      const name = /run_name = '(.*)'/.exec(String(given['filter']))?.[1];
      const found = [...this.runs].filter(([, run]) => run.name === name && !run.gone);
      return { runs: found.map(([id]) => ({ info: { run_id: id } })) };
    }
    const run = this.runs.get(String(given['run_id']));
    if (!run) return null;
    if (method === 'runs/delete') run.gone = true;
    if (method === 'runs/update') run.status = String(given['status']);
    if (method === 'runs/log-batch') {
      const { params = [], metrics = [] } = given as {
        params?: { key: string; value: string }[];
        metrics?: Kept['metrics'];
      };
      if (params.length > 100 || [...params, ...metrics].some(({ key }) => !/^[\w\-./ ]+$/.test(key))) return null;
      for (const { key, value } of params) run.params.set(key, value);
      run.metrics.push(...metrics);
    }
    return {};
  }
}

let server: Server;
let tracking = new Tracking();
beforeAll(async () => {
  const bodyOf = async (request: IncomingMessage): Promise<Record<string, never>> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    return JSON.parse(text) as Record<string, never>;
  };
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const answer = tracking.answer(request.url!.replace('/api/2.0/mlflow/', ''), body);
      response.writeHead(answer ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error_code: 'INVALID_PARAMETER_VALUE' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void server.close());
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

describeMetricsSink('mlflow', async () => {
  tracking = new Tracking();
  const mine = tracking;
  return {
    sink: await mlflow.open(address(), context),
    read: async () =>
      [...mine.runs.values()].flatMap(({ name, metrics, gone }) =>
        gone ? [] : metrics.map(({ key, value, step }): KeptStep => ({ run: name, step, metrics: { [key]: value } })),
      ),
  };
});

it('mlflow: options become parameters, a run ends with its status, many options go in parts', async () => {
  tracking = new Tracking();
  const sink: MetricsSink = await mlflow.open(address(), context);
  const config = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`option.${n}(x)`, n]));
  await sink.write({ run: 'r', type: 'start', config });
  await sink.write({ run: 'r', type: 'end', status: 'interrupted' });
  const [run] = tracking.runs.values();
  expect(run!.params.size).toBe(250);
  expect(run!.status).toBe('KILLED');
});

it('mlflow: says where nothing answers', async () => {
  await expect(mlflow.open('http://127.0.0.1:9', context)).rejects.toThrow(/a tracking server of MLflow that answers/);
});

it('is a plugin', () => expect(plugin.sinks).toEqual([tensorboard, mlflow, jsonl]));
