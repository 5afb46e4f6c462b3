import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request asked for, as the protocol has it. */
export interface Asked {
  readonly model: string;
  readonly temperature: number;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | readonly Record<string, unknown>[];
  }[];
  readonly response_format?: {
    readonly type: string;
    readonly json_schema?: { readonly schema: { readonly properties: Record<string, { readonly enum: string[] }> } };
  };
}

/** Answers one request; null: as `classOf` would. */
type Misbehaviour = ((asked: Asked, response: ServerResponse, request: IncomingMessage) => void) | null;

/** A server that speaks the chat protocol, behaves or not, and counts. */
export class FakeEndpoint {
  readonly asked: Asked[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** Most requests that were open at once. */
  mostAtOnce = 0;
  /** What the next requests get, in order; then all behave. */
  next: Misbehaviour[] = [];
  /** Milliseconds before a reply. */
  delay = 0;
  /** Class of a task by its text. */
  classOf: (text: string) => string;
  #open = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(classOf: (text: string) => string) {
    this.classOf = classOf;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    // A test that fails before it stops the server ends all the same.
    this.#server.unref();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    response.on('close', () => this.#open--);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const asked = JSON.parse(body) as Asked;
    this.asked.push(asked);
    this.authorizations.push(request.headers.authorization);
    const misbehaviour = this.next.shift() ?? null;
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (misbehaviour) misbehaviour(asked, response, request);
    else if (request.url !== '/v1/chat/completions') reply(response, 404, { error: { message: 'no such page' } });
    else completion(response, JSON.stringify(this.answers(asked)));
  }

  /** A class for each task that a request is about. */
  answers({ messages }: Asked): Record<string, string> {
    const { content } = messages.at(-1)!;
    const text =
      typeof content === 'string'
        ? content
        : content.map(({ text }) => (typeof text === 'string' ? text : '')).join('\n\n');
    const images = typeof content === 'string' ? [] : content.filter(({ type }) => type === 'image_url');
    const tasks = text.split(/(?:^|\n\n)Task \d+/).slice(1);
    return Object.fromEntries(
      tasks.map((task, x) => {
        const image = images[0] as { image_url: { url: string } } | undefined;
        return [String(x + 1), this.classOf(image ? image.image_url.url : task.replace(/^:\n/, ''))];
      }),
    );
  }
}

export function completion(response: ServerResponse, content: string | null, more: Record<string, unknown> = {}): void {
  const choice = { index: 0, message: { role: 'assistant', content, ...more }, finish_reason: 'stop' };
  reply(response, 200, { choices: [choice], usage: { prompt_tokens: 100, completion_tokens: 5 } });
}

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
