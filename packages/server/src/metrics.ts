import { Gauge, Histogram, Registry } from 'prom-client';
import type { Parts } from './routes.js';

/**
 * `/metrics` for Prometheus, for whoever has the token of an admin (`authorization` in its scrape configuration): figures of
 * the campaign, of the server's process and of its requests. No worker, task or label is named.
 */
export function metrics({ app, campaign, access }: Parts): void {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `quorate_${name}`, help, registers });
  const gauges = {
    tasks: gauge('tasks', 'Tasks of the campaign'),
    valid: gauge('tasks_valid', 'Tasks whose label is sure enough'),
    error: gauge('expected_error_ratio', 'Expected share of wrong labels'),
    answers: gauge('answers', 'Answers that count'),
    unread: gauge('answers_unread', 'Answers that no step has looked at yet'),
    out: gauge('questions_out', 'Questions that wait for their answer'),
    left: gauge('answers_left', 'Answers that are expected to be needed yet'),
    audits: gauge('audits', 'Audits that were answered'),
    bound: gauge('audit_bound_ratio', 'At most this share of the labels is wrong, by the audits so far'),
    spent: gauge('money_spent', 'What answers and audits have cost'),
    workers: gauge('workers', 'People who have answered'),
    memory: gauge('resident_memory_bytes', 'Memory of the process'),
  };
  const requests = new Histogram({
    name: 'quorate_request_seconds',
    help: 'Seconds of a request',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  app.use(async (c, next) => {
    const end = requests.startTimer({ method: c.req.method });
    await next();
    end({ status: String(c.res.status) });
  });
  app.get('/metrics', async (c) => {
    const token = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    if (access.worker(token)?.role !== 'admin') {
      return c.text('The token of an admin is needed: Authorization: Bearer ...\n', 401, {
        'WWW-Authenticate': 'Bearer',
      });
    }
    const { step, audit, money, workers, left, ...status } = await campaign.status();
    gauges.tasks.set(status.tasks);
    gauges.valid.set(step?.valid ?? 0);
    gauges.error.set(step?.error ?? 1);
    gauges.answers.set(status.answers);
    gauges.unread.set(status.unread);
    gauges.out.set(status.out);
    gauges.left.set(left.likely);
    gauges.audits.set(status.audits);
    gauges.bound.set(audit?.bound ?? 1);
    gauges.spent.set(money.spent);
    gauges.workers.set(workers.filter(({ answers }) => answers > 0).length);
    gauges.memory.set(process.memoryUsage.rss());
    return c.text(await registry.metrics(), 200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' });
  });
}
