import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Campaign } from '@quorate/campaign';
import { Access } from './access.js';
import { adminRoutes } from './admin-routes.js';
import { guard } from './guard.js';
import { metrics } from './metrics.js';
import type { App, Env } from './routes.js';
import { workerRoutes } from './worker-routes.js';

export interface AppOptions {
  readonly campaign: Campaign;
  /** Cookies are for HTTPS only: a proxy in front of it speaks it. */
  readonly secure: boolean;
  /** Called with one record for each request that failed. */
  readonly onError?: (record: Readonly<Record<string, unknown>>) => void;
}

const page = join(fileURLToPath(new URL('.', import.meta.url)), '..', 'dist', 'page');

/** The HTTP interface of a campaign: a Hono application, for a server of its own or as a part of another. */
export function campaignApp({ campaign, secure, onError = () => undefined }: AppOptions): {
  readonly app: App;
  readonly access: Access;
} {
  const access = new Access(campaign);
  const app = new OpenAPIHono<Env>({
    defaultHook: (result, c) => (result.success ? undefined : c.json({ error: z.prettifyError(result.error) }, 400)),
  });
  const parts = { app, campaign, access, secure, cookie: secure ? '__Host-quorate' : 'quorate' };
  metrics(parts);
  guard(parts, onError);
  workerRoutes(parts);
  adminRoutes(parts);
  pages(app);
  return { app, access };
}

function pages(app: App): void {
  app.get('/favicon.ico', (c) => c.body(null, 204));
  app.get('/health', (c) => c.json({ status: 'UP' }));
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Quorate campaign', version: '1' } });
  for (const path of ['/', '/join', '/admin'])
    app.get(path, (c) => c.html(readFileSync(join(page, 'index.html'), 'utf8')));
  app.get('/assets/:file', (c) => {
    const file = c.req.param('file');
    const type = { js: 'text/javascript', css: 'text/css' }[/^[\w-]+\.(js|css)$/.exec(file)?.[1] ?? ''];
    if (type === undefined) return c.notFound();
    try {
      return c.body(readFileSync(join(page, 'assets', file)), 200, {
        'Content-Type': type,
        'Cache-Control': 'public, max-age=31536000, immutable',
      });
    } catch {
      return c.notFound();
    }
  });
}
