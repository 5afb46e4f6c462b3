export type Label = string | number | boolean;

export interface Me {
  worker: string;
  role: 'worker' | 'auditor' | 'admin';
  mine: number;
  title: string;
  question: string;
  guidelines: string;
  classes: Label[];
  examples: { label: string; images: number; texts: string[] }[];
}

export interface Question {
  lease: number;
  item: number;
  task: string;
  kind: 'image' | 'url' | 'text' | 'id';
  content: string;
  suggestions: Label[] | null;
}

export interface Next {
  questions: Question[];
  state: 'ask' | 'wait' | 'paused' | 'done';
}

/** How long a request may take before the network counts as gone. */
const PATIENCE_MS = 15_000;

/** What the server refuses; `status` 0: it cannot be reached. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function call<R>(path: string, body?: unknown): Promise<R> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(0, 'offline');
  }
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  if (!response.ok) throw new Refused(response.status, answer.error ?? response.statusText);
  return answer as R;
}

export const imageOf = ({ kind, item, content }: Pick<Question, 'kind' | 'item' | 'content'>): string | null =>
  kind === 'image' ? `/api/tasks/${item}/image` : kind === 'url' ? content : null;
