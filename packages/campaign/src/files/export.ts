import { csvField } from '@quorate/host';
import { openReader, type Connection } from '../journal/database.js';
import type { AnnotationRow } from '../journal/statements.js';

/**
 * The journal as `annotations.csv`, `task,worker,label,time,seconds,late,kind`, one line an entry, in order: an empty
 * label takes the worker's latest answer back, a later one replaces it. A plain read: it may run beside a server.
 */
export function* annotationLines(database: string): Generator<string> {
  const db = openReader(database);
  try {
    const classes = namesOf(db, 'SELECT name FROM class ORDER BY k').map((name) => String(JSON.parse(name)));
    const tasks = namesOf(db, 'SELECT id AS name FROM task ORDER BY item');
    const workers = ['', ...namesOf(db, 'SELECT name FROM worker ORDER BY id')];
    yield 'task,worker,label,time,seconds,late,kind\n';
    const rows = db.prepare('SELECT * FROM annotation ORDER BY seq').iterate([]) as IterableIterator<AnnotationRow>;
    for (const { item, worker, label, at, ms, late, kind } of rows) {
      const name = label === null ? '""' : csvField(classes[label]!);
      const time = new Date(at).toISOString();
      const seconds = ms === null ? '' : String(ms / 1000);
      yield `${csvField(tasks[item]!)},${csvField(workers[worker]!)},${name},${time},${seconds},${late === 1},${kind}\n`;
    }
  } finally {
    db.close();
  }
}

function namesOf(db: Connection, sql: string): string[] {
  return (db.prepare(sql).all([]) as { name: string }[]).map(({ name }) => name);
}
