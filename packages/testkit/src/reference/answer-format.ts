import { QuorateError, rejectRow, type AnswerFormat } from '@quorate/core';

/** JSON Lines of `[task, worker, label, seconds, time]`, then of `[task, gold]`; reads the whole file at once. */
export function referenceFormat(): AnswerFormat {
  return {
    detect: (head) => (head[0] === 0x5b && !head.includes(0) ? 0.6 : 0),
    read: async ({ bytes, ...input }, table) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(new Uint8Array(chunk));
      const lines = Buffer.concat(chunks).toString().split('\n');
      lines.forEach((text, index) => {
        if (text === '') return;
        const reject = (expected: string): void =>
          rejectRow(input, { line: index + 1, column: 1, expected, got: JSON.stringify(text) });
        let row: unknown;
        try {
          row = JSON.parse(text);
        } catch {
          return reject('a JSON array');
        }
        if (!Array.isArray(row) || typeof row[0] !== 'string' || row[0] === '') return reject('an array with a task');
        const [task, worker, label, seconds, time] = row as [string, ...unknown[]];
        const isLabel = (x: unknown): x is string => typeof x === 'string';
        if (row.length === 1) table.task(task);
        else if (row.length === 2 && isLabel(worker) && input.worker !== undefined) {
          table.add(table.task(task), table.worker(input.worker), table.class(worker));
        } else if (row.length === 2 && isLabel(worker)) table.setGold(table.task(task), table.class(worker));
        else if (typeof worker === 'string' && worker !== '' && (label === null || isLabel(label))) {
          const took = typeof seconds === 'number' && seconds >= 0 ? seconds : NaN;
          const k = label === null ? -1 : table.class(label);
          table.add(table.task(task), table.worker(worker), k, took, typeof time === 'string' ? time : '');
        } else reject('[task, worker, label]');
      });
    },
    write: ({ answers: { taskIds, workerIds, classes, count, item, worker, label, seconds, time, gold } }) => {
      const rows: unknown[][] = taskIds.map((id) => [id]);
      for (let a = 0; a < count; a++) {
        const name = label[a]! < 0 ? null : String(classes[label[a]!]);
        const took = seconds === null || Number.isNaN(seconds[a]!) ? null : seconds[a];
        rows.push([taskIds[item[a]!], workerIds[worker[a]!], name, took, time?.[a] ?? '']);
      }
      gold?.forEach((k, i) => {
        if (k >= 0) rows.push([taskIds[i], String(classes[k])]);
      });
      if (rows.length === 0)
        throw new QuorateError('ANSWERS_INVALID', { where: '-', expected: 'tasks', got: 'none', fix: '-' });
      return rows.map((row) => `${JSON.stringify(row)}\n`);
    },
    drops: () => [],
  };
}
