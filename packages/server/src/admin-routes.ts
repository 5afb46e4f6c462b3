import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { annotationLines, databaseFile } from '@quorate/campaign';
import { body, errors, json, type Parts } from './routes.js';

const FLAGS = `
  SELECT found.item, task.id AS task, task.kind, task.content, worker.name AS worker, found.text FROM (
    SELECT item, worker, text, at FROM flag UNION ALL SELECT item, worker, reason AS text, at FROM skip) AS found
  JOIN task ON task.item = found.item JOIN worker ON worker.id = found.worker ORDER BY found.at DESC LIMIT 50`;

/** The items of highest risk among some, riskiest first. O(N · count) at worst. */
function riskiest(risk: Float64Array, among: (item: number) => boolean, count: number): number[] {
  const top: number[] = [];
  for (let i = 0; i < risk.length; i++) {
    if (!among(i) || (top.length === count && risk[i]! <= risk[top.at(-1)!]!)) continue;
    const place = top.findIndex((other) => risk[other]! < risk[i]!);
    top.splice(place < 0 ? top.length : place, 0, i);
    if (top.length > count) top.pop();
  }
  return top;
}

/** What whoever runs the campaign sees and does. */
export function adminRoutes({ app, campaign, access }: Parts): void {
  const states = z.object({ state: z.enum(['open', 'paused', 'closed']) });
  const admin = (path: string, method: 'get' | 'post', description: string, request?: z.ZodType) =>
    createRoute({
      method,
      path: `/api/admin/${path}`,
      ...(request ? { request: { body: body(request) } } : {}),
      responses: { 200: json(z.unknown(), description), ...errors },
    });
  app.openapi(admin('status', 'get', 'What the campaign knows'), async (c) => c.json(await campaign.status(), 200));
  app.openapi(admin('steps', 'get', 'What came of every step'), (c) => {
    const rows = campaign.db.prepare('SELECT outcome.*, step.at FROM outcome JOIN step USING (n) ORDER BY n').all([]);
    return c.json(rows, 200);
  });
  app.openapi(admin('look', 'get', 'Tasks to look at: the least sure ones, the flagged, the skipped'), async (c) => {
    const { label, risk } = await campaign.inference.labels();
    const { tasks, index } = campaign.desk;
    const items = riskiest(risk, (item) => index.perItem[item]! > 0, 30);
    const shown = items.map((i) => ({
      item: i,
      task: tasks[i]!.id,
      kind: tasks[i]!.kind,
      content: tasks[i]!.content,
      label: label[i]! < 0 ? null : campaign.classes[label[i]!]!,
      risk: risk[i]!,
      answers: index.perItem[i]!,
    }));
    const flags = campaign.db.prepare(FLAGS).all([]);
    const tasksOf = new Int32Array(campaign.classes.length);
    for (const z of label) if (z >= 0) tasksOf[z]!++;
    const balance = campaign.classes.map((name, k) => ({ label: name, tasks: tasksOf[k]! }));
    return c.json({ unsure: shown, flags, balance }, 200);
  });
  app.openapi(admin('state', 'post', 'Pause, resume, close', states), async (c) => {
    const { state } = states.parse(await c.req.json());
    await campaign.setState(state);
    return c.json({ state }, 200);
  });
  const invitation = z.object({
    role: z.enum(['worker', 'auditor', 'admin']).default('worker'),
    name: z.string().min(1).max(80).nullable().default(null),
    uses: z.int().min(1).max(10_000).default(1),
    days: z.number().positive().max(365).default(14),
  });
  app.openapi(admin('invites', 'post', 'A new invitation: put its token behind /join#', invitation), async (c) =>
    c.json({ invitation: await access.invite(invitation.parse(await c.req.json())) }, 200),
  );
  app.get('/api/admin/labels.csv', async (c) =>
    c.text((await campaign.csv()).labels, 200, { 'Content-Type': 'text/csv' }),
  );
  app.get('/api/admin/annotations.csv', () => {
    const lines = Readable.from(annotationLines(databaseFile(campaign.folder)));
    return new Response(Readable.toWeb(lines) as ReadableStream, { headers: { 'Content-Type': 'text/csv' } });
  });
}
