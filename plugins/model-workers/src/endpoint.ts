import { setTimeout as sleep } from 'node:timers/promises';
import { QuorateError, messageOf } from '@quorate/core';
import PQueue from 'p-queue';
import pRetry, { AbortError } from 'p-retry';
import type { ChatOptions } from './chat-options.js';

/** What came back for one request. */
export interface Reply {
  /** Null where the model declined. */
  readonly text: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The endpoint does not take the way in which it was asked to answer. */
export class UnsupportedOutput extends Error {}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 60_000;
/** Of a message from the endpoint that is shown. */
const SHOWN = 300;

type EndpointOptions = Pick<
  ChatOptions,
  'url' | 'model' | 'keyVariable' | 'concurrency' | 'requestsPerMinute' | 'timeoutSeconds' | 'retries'
>;

/**
 * An OpenAI-compatible chat endpoint. So many requests are under way at once, so many begin in a minute; what may pass
 * (429, 408, 409, 5xx, no connection, a reply that stops or takes too long) is sent again, after 0.5, 1, 2, ... seconds, at most
 * 60, or as long as `Retry-After` says. The key comes from the environment, and is in no message, file or error.
 */
export class Endpoint {
  /** Requests that were sent, failed ones too. */
  requests = 0;
  readonly #options: EndpointOptions;
  readonly #queue: PQueue;
  readonly #key: string | undefined;
  /** Ends all requests when the run is over. */
  readonly #over = new AbortController();

  constructor(options: EndpointOptions, env: Readonly<Record<string, string | undefined>>) {
    this.#options = options;
    this.#key = env[options.keyVariable] || undefined;
    const { concurrency, requestsPerMinute } = options;
    const limit = requestsPerMinute === null ? {} : { intervalCap: 1, interval: 60_000 / requestsPerMinute };
    this.#queue = new PQueue({ concurrency, ...limit });
  }

  /**
   * Sends a request until there is a reply. Throws `UnsupportedOutput`, or MODEL_UNAVAILABLE where the endpoint refuses it or
   * keeps failing.
   */
  async ask(body: Readonly<Record<string, unknown>>): Promise<Reply> {
    const { retries, url } = this.#options;
    const text = JSON.stringify(body);
    try {
      return await pRetry(() => this.#queue.add(() => this.#once(text)), {
        retries,
        minTimeout: FIRST_WAIT,
        maxTimeout: LONGEST_WAIT,
        signal: this.#over.signal,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          const wait = error instanceof Failure ? error.wait : 0;
          if (retriesLeft > 0 && wait > 0) await sleep(wait, undefined, { signal: this.#over.signal });
        },
      });
    } catch (thrown) {
      if (thrown instanceof UnsupportedOutput || thrown instanceof QuorateError) throw thrown;
      throw new QuorateError('MODEL_UNAVAILABLE', {
        where: url,
        expected: 'a reply of the model',
        got: this.#withoutKey(messageOf(thrown)),
        fix: `Check that the endpoint is up. Answers that came are kept; --resume goes on with the others.`,
        cause: thrown instanceof Failure ? undefined : thrown,
      });
    }
  }

  async #once(body: string): Promise<Reply> {
    const { url, timeoutSeconds } = this.#options;
    this.requests++;
    const signal = AbortSignal.any([this.#over.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url.replace(/\/$/, '')}/chat/completions`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
        },
        redirect: 'error',
        signal,
      });
      text = await response.text();
    } catch (cause) {
      if (this.#over.signal.aborted) throw new AbortError('the run is over');
      throw new Failure(`no whole reply (${describe(cause)})`);
    }
    if (!response.ok) throw this.#refusal(response, text, body);
    return replyIn(text);
  }

  #refusal({ status, headers }: Response, text: string, body: string): Error {
    const message = this.#withoutKey(errorIn(text));
    if (status === 408 || status === 409 || status === 429 || status >= 500) {
      return new Failure(`HTTP ${status}: ${message}`, waitOf(headers));
    }
    if (
      (status === 400 || status === 422) &&
      body.includes('"response_format"') &&
      /response_format|json_schema|schema|grammar/i.test(text)
    ) {
      return new AbortError(new UnsupportedOutput(message));
    }
    const { keyVariable, model } = this.#options;
    const fixes: Readonly<Record<number, string>> = {
      401: `Put the key into the environment variable ${keyVariable}, or name another one with keyVariable.`,
      403: `Check what the key in ${keyVariable} is allowed to do.`,
      404: `Check that the endpoint has the model "${model}", and that the address ends in /v1 or what it has in its place.`,
    };
    return new AbortError(
      new QuorateError('MODEL_UNAVAILABLE', {
        where: this.#options.url,
        expected: 'a reply of the model',
        got: `HTTP ${status}: ${message}`,
        fix: fixes[status] ?? 'Correct the options of the model.',
      }),
    );
  }

  #withoutKey(text: string): string {
    return this.#key === undefined ? text : text.replaceAll(this.#key, '<key>');
  }

  close(): void {
    this.#over.abort();
    this.#queue.clear();
  }
}

/** What may pass. */
class Failure extends Error {
  /** @param wait Milliseconds that the endpoint asks for. */
  constructor(
    message: string,
    readonly wait = 0,
  ) {
    super(message);
  }
}

/** Milliseconds of `Retry-After`, in seconds or as a date by the endpoint's own clock; at most 10 minutes. */
function waitOf(headers: Headers): number {
  const after = headers.get('retry-after');
  if (after === null) return 0;
  const seconds = Number(after);
  const wait = Number.isNaN(seconds) ? Date.parse(after) - Date.parse(headers.get('date') ?? '') : 1000 * seconds;
  return wait > 0 ? Math.min(wait, 600_000) : 0;
}

interface Completion {
  readonly choices?: readonly {
    readonly message?: { readonly content?: unknown; readonly refusal?: unknown };
    readonly finish_reason?: string;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
}

function replyIn(text: string): Reply {
  let completion: Completion;
  try {
    completion = JSON.parse(text) as Completion;
  } catch {
    throw new Failure(`a reply that is no JSON ("${text.slice(0, 60)}")`);
  }
  const choice = completion?.choices?.[0];
  if (!choice?.message) throw new Failure(`a reply without a choice ("${text.slice(0, 60)}")`);
  const { content, refusal } = choice.message;
  const declined = (typeof refusal === 'string' && refusal !== '') || choice.finish_reason === 'content_filter';
  return {
    text: declined ? null : contentText(content),
    inputTokens: completion.usage?.prompt_tokens ?? 0,
    outputTokens: completion.usage?.completion_tokens ?? 0,
  };
}

/** Content is a text, or a list of parts with texts. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { readonly text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function errorIn(text: string): string {
  let message: unknown = text;
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } | string };
    message = typeof error === 'object' ? error.message : (error ?? text);
  } catch {
    // Whatever a proxy writes.
  }
  return (typeof message === 'string' ? message : text).replace(/\s+/g, ' ').slice(0, SHOWN);
}

/** What the runtime says of a connection that failed; the reason is often in its cause. */
function describe(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause !== undefined ? `: ${messageOf(cause.cause)}` : '';
  return `${messageOf(cause)}${inner}`;
}
