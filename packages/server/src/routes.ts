import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Campaign } from '@quorate/campaign';
import type { Access } from './access.js';

type Worker = Campaign['desk']['workers'][number];
/** What a request carries once its token is known. */
export type Env = { Variables: { worker: Worker } };
export type App = OpenAPIHono<Env>;

/** What routes are made of. */
export interface Parts {
  readonly app: App;
  readonly campaign: Campaign;
  readonly access: Access;
  /** Cookies are for HTTPS only: a proxy in front of it speaks it. */
  readonly secure: boolean;
  readonly cookie: string;
}

export const problem = z.object({ error: z.string() });
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
export const body = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true,
});
export const errors = { 401: json(problem, 'No token, or an unknown one'), 403: json(problem, 'Not for this role') };
