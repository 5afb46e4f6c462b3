import { join } from 'node:path';
import type { MetricsSink, SinkDefinition, SinkFile } from '@quorate/core';

/** JSON Lines: `<run>/config.json`, and `<run>/history.jsonl` with a line for each step, as `wandb.log` takes it. */
export const jsonl: SinkDefinition = {
  name: 'jsonl',
  summary: 'JSON Lines below a folder, to import into Weights & Biases and others',
  open: async (folder, { file }) => {
    const files = new Map<string, SinkFile>();
    const line = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
    const sink: MetricsSink = {
      write: async (record) => {
        if (record.type === 'start') {
          const config = file(join(folder, record.run, 'config.json'));
          config.clear();
          config.append(line(record.config));
          const history = file(join(folder, record.run, 'history.jsonl'));
          history.clear();
          files.set(record.run, history);
        } else if (record.type === 'step') {
          files.get(record.run)?.append(line({ _step: record.step, ...record.metrics }));
        }
      },
    };
    return sink;
  },
};
