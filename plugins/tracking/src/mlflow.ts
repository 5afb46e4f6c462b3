import { QuorateError, messageOf, type Json, type MetricsSink, type SinkDefinition } from '@quorate/core';

const EXPERIMENT = 'quorate';
/** What one request may hold, and one value (mlflow.org/docs/latest/rest-api.html). */
const [MOST_PARAMS, LONGEST] = [100, 6000];
const statuses = { done: 'FINISHED', interrupted: 'KILLED', failed: 'FAILED' } as const;

/** A tracking server of MLflow, by its REST API: runs of the experiment `quorate`. */
export const mlflow: SinkDefinition = {
  name: 'mlflow',
  summary: 'a tracking server of MLflow: its address, http://localhost:5000',
  open: async (address, { now }) => {
    const call = caller(address);
    const experiment = await experimentOf(call);
    const ids = new Map<string, string>();
    const sink: MetricsSink = {
      write: async (record) => {
        if (record.type === 'start') {
          await removeEarlier(call, experiment, record.run);
          const made = await call('runs/create', {
            experiment_id: experiment,
            run_name: record.run,
            start_time: now(),
          });
          const id = (made['run'] as { info: { run_id: string } }).info.run_id;
          ids.set(record.run, id);
          const params = Object.entries(record.config).map(([key, value]) => ({
            key: keyOf(key),
            value: shown(value),
          }));
          for (let n = 0; n < params.length; n += MOST_PARAMS) {
            await call('runs/log-batch', { run_id: id, params: params.slice(n, n + MOST_PARAMS) });
          }
          return;
        }
        const id = ids.get(record.run);
        if (id === undefined) return;
        if (record.type === 'end') {
          await call('runs/update', { run_id: id, status: statuses[record.status], end_time: now() });
          return;
        }
        const metrics = Object.entries(record.metrics).map(([key, value]) => {
          return { key: keyOf(key), value, timestamp: now(), step: record.step };
        });
        await call('runs/log-batch', { run_id: id, metrics });
      },
    };
    return sink;
  },
};

type Call = (method: string, body: object) => Promise<Record<string, unknown>>;

function caller(address: string): Call {
  const base = address.replace(/\/+$/, '');
  return async (method, body) => {
    const where = `${base}/api/2.0/mlflow/${method}`;
    let response: Response;
    try {
      response = await fetch(where, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
    } catch (thrown) {
      throw refused(base, messageOf((thrown as Error).cause ?? thrown));
    }
    const text = await response.text();
    if (!response.ok) throw refused(where, `${response.status} ${text.slice(0, 200)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}

function refused(where: string, got: string): QuorateError {
  return new QuorateError('CONFIG_INVALID', {
    where: `--track mlflow=${where}`,
    expected: 'a tracking server of MLflow that answers',
    got,
    fix: 'Start it (mlflow server), or correct the address.',
  });
}

async function experimentOf(call: Call): Promise<string> {
  const found = await call('experiments/search', { max_results: 1, filter: `name = '${EXPERIMENT}'` });
  const [there] = (found['experiments'] ?? []) as { experiment_id: string }[];
  if (there) return there.experiment_id;
  return (await call('experiments/create', { name: EXPERIMENT }))['experiment_id'] as string;
}

/** A run of the same name that was told of before: it starts again. */
async function removeEarlier(call: Call, experiment: string, run: string): Promise<void> {
  const filter = `attributes.run_name = '${run.replaceAll("'", '')}'`;
  const found = await call('runs/search', { experiment_ids: [experiment], filter, max_results: 100 });
  for (const one of (found['runs'] ?? []) as { info: { run_id: string } }[]) {
    await call('runs/delete', { run_id: one.info.run_id });
  }
}

/** Names may hold letters, digits, and _ - . / and blanks. */
function keyOf(name: string): string {
  return name.replaceAll(/[^\w\-./ ]/g, '_').slice(0, 250);
}

function shown(value: Json): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST);
}
