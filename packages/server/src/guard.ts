import type { Context } from 'hono';
import { isQuorateError } from '@quorate/core';
import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { RateLimit } from './rate-limit.js';
import type { Parts } from './routes.js';

/** What every request has to pass: headers, size, site, token, rate, role. */
export function guard(
  { app, campaign, access, cookie }: Parts,
  onError: (record: Readonly<Record<string, unknown>>) => void,
): void {
  const perWorker = new RateLimit(120, 40, campaign.clock);
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        // Tasks may be images on other servers: the browser fetches them, this server never does.
        imgSrc: campaign.desk.tasks.some(({ kind }) => kind === 'url') ? ["'self'", 'https:', 'http:'] : ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
    }),
  );
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: 16 * 1024,
      onError: () => Response.json({ error: 'the body is too large' }, { status: 413 }),
    }),
  );
  app.use('/api/*', async (c, next) => {
    const safe = c.req.method === 'GET' || c.req.method === 'HEAD';
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    const elsewhere =
      (site !== undefined && site !== 'same-origin' && site !== 'none') ||
      (origin !== undefined && hostOf(origin) !== c.req.header('host'));
    if (!safe && elsewhere) return c.json({ error: 'requests from other sites are refused' }, 403);
    c.header('Cache-Control', 'no-store');
    return next();
  });
  app.use('/api/*', async (c, next) => {
    if (c.req.path === '/api/join') return next();
    const bearer = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    const worker = access.worker(bearer ?? getCookie(c as Context, cookie));
    if (!worker) return c.json({ error: 'join with an invitation first' }, 401);
    if (!perWorker.take(worker.name)) return c.json({ error: 'too many requests' }, 429);
    if (c.req.path.startsWith('/api/admin/') && worker.role !== 'admin')
      return c.json({ error: 'for admins only' }, 403);
    c.set('worker', worker);
    return next();
  });
  app.onError((thrown, c) => {
    if (thrown instanceof HTTPException) return c.json({ error: thrown.message }, thrown.status);
    onError({ at: new Date(campaign.clock()).toISOString(), path: c.req.path, error: thrown.message });
    if (isQuorateError(thrown)) {
      return c.json({ error: thrown.message }, thrown.code === 'ANNOTATION_INVALID' ? 400 : 503);
    }
    return c.json({ error: 'something went wrong here' }, 500);
  });
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
