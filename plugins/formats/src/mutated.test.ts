import { AnswerTableBuilder, isQuorateError, makeRng, type Rng } from '@quorate/core';
import { expect, it } from 'vitest';
import { formatOf, guessedOf } from './formats.fixture.js';
import { samples } from './samples.fixture.js';

/** Files of each format; QUORATE_MUTATIONS=500 looks at more. */
const FILES = Number(process.env['QUORATE_MUTATIONS'] ?? 40);

const nasty = [
  '"',
  '\n',
  '\r\n',
  ',',
  '\0',
  '\ufeff',
  'NaN',
  ',,,',
  '💥',
  '\t',
  '{"a":',
  '][',
  '__proto__',
  '1e999',
  "'",
  '-1',
];

/** One to three of: a byte changed, bytes cut out, bytes doubled, something nasty put in, the end cut off. */
function mutated(original: Uint8Array, rng: Rng): Uint8Array {
  let bytes = Buffer.from(original);
  for (let n = 1 + rng.int(3); n > 0 && bytes.length > 0; n--) {
    const at = rng.int(bytes.length);
    const span = 1 + rng.int(30);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const kind = rng.int(5);
    if (kind === 0) bytes[at] = rng.int(256);
    else if (kind === 1) bytes = Buffer.concat([before, after.subarray(span)]);
    else if (kind === 2) bytes = Buffer.concat([before, after.subarray(0, span), after]);
    else if (kind === 3) bytes = Buffer.concat([before, Buffer.from(nasty[rng.int(nasty.length)]!), after]);
    else bytes = Buffer.from(before);
  }
  return bytes;
}

/** Of what has been read: rows that are neither an answer nor named. */
async function silent(name: string, bytes: Uint8Array): Promise<{ rows: number; answers: number; dropped: number }> {
  const table = new AnswerTableBuilder();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  let bad = 0;
  await formatOf(name).read!({ name: 'file', bytes: all(), onBadRow: () => void bad++ }, table);
  const { reading, count } = table.build();
  const left = reading.left.reduce((sum, [, n]) => sum + n, 0);
  return { rows: reading.rows, answers: count, dropped: reading.rows - count - bad - left };
}

it.each(Object.keys(samples))('%s: what it is read as is told by the content', (name) => {
  expect(guessedOf(Buffer.from(samples[name]!))).toBe(name);
});

it.each(Object.keys(samples))('%s: no row of a mutated file is dropped without a word', async (name) => {
  const rng = makeRng(`mutated ${name}`);
  const original = Buffer.from(samples[name]!);
  expect((await silent(name, original)).answers).toBeGreaterThan(0);
  for (let n = 0; n < FILES; n++) {
    const bytes = mutated(original, rng);
    const text = JSON.stringify(Buffer.from(bytes).toString('latin1'));
    for (const format of new Set([name, guessedOf(bytes)])) {
      if (!('read' in formatOf(format))) continue;
      try {
        const { answers, dropped } = await silent(format, bytes);
        // A matrix has many answers in a row, and a file of labels none.
        if (answers > 0) expect(dropped, `${format} of ${text}`).toBeLessThanOrEqual(0);
      } catch (thrown) {
        if (!isQuorateError(thrown)) throw thrown;
        expect(thrown.code, text).toBe('ANSWERS_INVALID');
      }
    }
  }
});
