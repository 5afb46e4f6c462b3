import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { start, workplace } from './cli.js';

interface Links {
  readonly url: string;
  readonly admin: string;
  readonly workers: string;
}

describe('quorate serve', () => {
  it('--demo has a question with a picture, and colleagues who answer; ends in order at SIGTERM', async () => {
    const { child, ended } = start(workplace(), ['serve', '--demo', '--port', '0', '--json']);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    while (!out.includes('"serving"'))
      await Promise.race([once(child.stdout, 'data'), ended.then(() => expect.unreachable())]);
    const line = out.split('\n').find((text) => text.includes('"serving"'))!;
    const { url, admin, workers } = JSON.parse(line) as Links;
    const post = (path: string, body: unknown, cookie = ''): Promise<Response> =>
      fetch(`${url}/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      });
    const join = async (link: string): Promise<string> => {
      const joined = await post('join', { invitation: link.split('#')[1] });
      return joined.headers.getSetCookie()[0]!.split(';')[0]!;
    };
    const [worker, mine] = [await join(workers), await join(admin)];
    const { questions } = (await (await post('next', { count: 20 }, worker)).json()) as {
      questions: { item: number; suggestions: string[] | null }[];
    };
    expect(questions).toHaveLength(20);
    // Of half of them at most it says what a model thinks, so that gold is not told apart.
    const suggested = questions.filter(({ suggestions }) => suggestions !== null);
    for (const { suggestions } of suggested) expect(new Set(suggestions).size).toBe(5);
    expect(suggested.length).toBeGreaterThan(2);
    expect(suggested.length).toBeLessThan(18);
    const image = await fetch(`${url}/api/tasks/${questions[0]!.item}/image`, { headers: { cookie: worker } });
    expect(image.headers.get('content-type')).toBe('image/png');
    expect(
      Buffer.from(await image.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    for (let answers = 0; answers < 5;) {
      const status = await fetch(`${url}/api/admin/status`, { headers: { cookie: mine } });
      ({ answers } = (await status.json()) as { answers: number });
      await new Promise((done) => setTimeout(done, 100));
    }
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
  });
});
