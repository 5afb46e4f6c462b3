import { resolve } from 'node:path';
import { createRoute, z } from '@hono/zod-openapi';
import type { Outcome } from '@quorate/campaign';
import { setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { imageResponse, isImage } from './images.js';
import { RateLimit } from './rate-limit.js';
import { body, errors, json, problem, type Parts } from './routes.js';

const label = z.union([z.string(), z.number(), z.boolean()]);
const question = z.object({
  lease: z.int(),
  item: z.int(),
  task: z.string(),
  kind: z.enum(['image', 'url', 'text', 'id']),
  content: z.string(),
  suggestions: z.array(label).nullable(),
});
const statusOf: Readonly<Record<Outcome, 200 | 403 | 409>> = {
  stored: 200,
  repeat: 200,
  conflict: 409,
  foreign: 403,
  unknown: 403,
};

/** How long a request for questions may wait for a step. */
const PATIENCE_MS = 1000;

/** What workers do: join, ask for questions, answer. Nothing here tells a label, a count of others or a risk. */
export function workerRoutes({ app, campaign, access, cookie, secure }: Parts): void {
  // Of what is refused: whole classes of people with a good link may come at once.
  const strangers = new RateLimit(20, 0.5, campaign.clock);
  const root = resolve(campaign.folder, campaign.settings.source ?? '.');
  const examples = Object.entries(campaign.settings.examples).map(([label, all]) => {
    const images = all.filter(isImage);
    return { label, images, texts: all.filter((text) => !images.includes(text)) };
  });
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/join',
      request: { body: body(z.object({ invitation: z.string().max(200), name: z.string().max(80).optional() })) },
      responses: {
        200: json(z.object({ worker: z.string(), role: z.string() }), 'A cookie with the token'),
        403: json(problem, 'An invitation that is unknown, used up or too old'),
        429: json(problem, 'Too many tries'),
      },
    }),
    async (c) => {
      const { invitation, name } = c.req.valid('json');
      if (!strangers.allows('join')) return c.json({ error: 'too many tries' }, 429);
      const joined = await access.accept(invitation, name?.trim() || null);
      if (!joined) {
        strangers.take('join');
        return c.json({ error: 'this invitation is unknown, used up or too old' }, 403);
      }
      setCookie(c, cookie, joined.token, {
        httpOnly: true,
        secure,
        sameSite: 'Strict',
        path: '/',
        maxAge: 90 * 86_400,
      });
      return c.json({ worker: joined.worker.name, role: joined.worker.role }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/me',
      responses: {
        200: json(
          z.object({
            worker: z.string(),
            role: z.string(),
            mine: z.int(),
            title: z.string(),
            question: z.string(),
            guidelines: z.string(),
            classes: z.array(label),
            examples: z.array(z.object({ label: z.string(), images: z.int(), texts: z.array(z.string()) })),
          }),
          'Who asks, and what the campaign is about',
        ),
        ...errors,
      },
    }),
    (c) => {
      const { name, role, id } = c.get('worker');
      const { title, question, guidelines } = campaign.settings;
      const sql = `SELECT count(*) AS n FROM annotation WHERE worker = ? AND supersedes IS NULL`;
      const { n: mine } = campaign.db.prepare(sql).get([id]) as { n: number };
      const shown = examples.map(({ label, images, texts }) => ({ label, images: images.length, texts }));
      const told = { title, question, guidelines, classes: [...campaign.classes], examples: shown };
      return c.json({ worker: name, role, mine, ...told }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/next',
      request: { body: body(z.object({ count: z.int().min(1).max(20).default(1) })) },
      responses: {
        200: json(
          z.object({ questions: z.array(question), state: z.enum(['ask', 'wait', 'paused', 'done']) }),
          'The next questions of this worker; the open ones first',
        ),
        ...errors,
      },
    }),
    async (c) => {
      const { questions, state } = await campaign.next(c.get('worker').name, c.req.valid('json').count, {
        patience: PATIENCE_MS,
      });
      const shown = await Promise.all(
        questions.map(async ({ lease, item, task, kind, content }) => {
          const suggestions = await campaign.suggestions(lease);
          // A path says too much: folders are often named as the classes.
          const named = kind === 'image' ? { task: '', content: '' } : { task, content };
          return { lease, item, kind, ...named, suggestions };
        }),
      );
      return c.json({ questions: shown, state }, 200);
    },
  );

  const outcomes = {
    200: json(z.object({ outcome: z.enum(['stored', 'repeat']) }), 'It is on the disk'),
    409: json(problem, 'Answered otherwise before'),
    ...errors,
  };
  const told = (outcome: Outcome) => {
    const status = statusOf[outcome];
    return status === 200
      ? ({ outcome } as { outcome: 'stored' | 'repeat' })
      : { error: outcome === 'conflict' ? 'conflict' : 'not your question' };
  };
  const answerRoute = (path: string, labelSchema: z.ZodType<string | number | boolean | null>) =>
    createRoute({
      method: 'post',
      path,
      request: {
        body: body(z.object({ lease: z.int(), label: labelSchema, ms: z.int().min(0).max(86_400_000).optional() })),
      },
      responses: outcomes,
    });
  app.openapi(answerRoute('/api/answer', label), async (c) => {
    const { lease, label, ms } = c.req.valid('json');
    const outcome = await campaign.answer({
      worker: c.get('worker').name,
      lease,
      label: label!,
      ...(ms === undefined ? {} : { ms }),
    });
    return c.json(told(outcome), statusOf[outcome]) as never;
  });
  app.openapi(answerRoute('/api/change', label.nullable()), async (c) => {
    const { lease, label } = c.req.valid('json');
    const outcome = await campaign.change({ worker: c.get('worker').name, lease, label });
    return c.json(told(outcome), statusOf[outcome]) as never;
  });
  for (const what of ['skip', 'flag'] as const) {
    const route = createRoute({
      method: 'post',
      path: `/api/${what}`,
      request: { body: body(z.object({ lease: z.int(), reason: z.string().max(500).default('') })) },
      responses: outcomes,
    });
    app.openapi(route, async (c) => {
      const { lease, reason } = c.req.valid('json');
      const worker = c.get('worker').name;
      const outcome = await (what === 'skip'
        ? campaign.skip({ worker, lease, reason })
        : campaign.flag({ worker, lease, text: reason }));
      return c.json(told(outcome), statusOf[outcome]) as never;
    });
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/tasks/{item}/image',
      request: { params: z.object({ item: z.coerce.number().int().min(0) }) },
      responses: { 200: { description: 'The image' }, 404: json(problem, 'No such image'), ...errors },
    }),
    (c) => {
      const task = campaign.desk.tasks[c.req.valid('param').item];
      const image = task?.kind === 'image' ? imageResponse(root, task.content) : undefined;
      return image ?? c.json({ error: 'no such image' }, 404);
    },
  );

  const number = z.coerce.number().int().min(0);
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/examples/{label}/{n}/image',
      request: { params: z.object({ label: z.string(), n: number }) },
      responses: {
        200: { description: 'An image that shows a class' },
        404: json(problem, 'No such image'),
        ...errors,
      },
    }),
    (c) => {
      const { label: name, n } = c.req.valid('param');
      const path = examples.find(({ label }) => label === name)?.images[n];
      const image = path === undefined ? undefined : imageResponse(root, path);
      return image ?? c.json({ error: 'no such image' }, 404);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/events',
      responses: {
        200: { description: 'Server-sent events: the state of the campaign and, for admins, its steps' },
        ...errors,
      },
    }),
    (c) => {
      const admin = c.get('worker').role === 'admin';
      return streamSSE(c, async (stream) => {
        const send = (event: string, data: unknown) =>
          void stream.writeSSE({ event, id: String(campaign.desk.seq), data: JSON.stringify(data) });
        const listeners = {
          state: (state: unknown) => send('state', state),
          // For workers it says nothing but that it is worth asking again.
          step: (step: unknown) => send('step', admin ? step : null),
          answer: (answer: unknown) => send('answer', answer),
        };
        campaign.on('state', listeners.state).on('step', listeners.step);
        if (admin) campaign.on('answer', listeners.answer);
        stream.onAbort(() => {
          campaign.off('state', listeners.state).off('step', listeners.step).off('answer', listeners.answer);
        });
        // Whatever was missed since `Last-Event-ID`, this is where things stand.
        send('state', campaign.state);
        while (!stream.aborted) {
          await stream.writeSSE({ event: 'heartbeat', data: '' });
          await stream.sleep(15_000);
        }
      });
    },
  );
}
