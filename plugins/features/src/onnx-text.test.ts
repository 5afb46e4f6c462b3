import { writeFileSync } from 'node:fs';
import type { FeatureSubject } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { DIMENSIONS, hiddenByHand, textEncoder, tokenizerJson, WORDS } from './encoders.fixture.js';
import { openModel } from './onnx-session.js';
import { openDecoder } from './image-decoder.js';
import { extractor, project, text } from './project.fixture.js';
import { openTokenizer } from './text-tokens.js';

const { path, files } = project();
writeFileSync(path('model.onnx'), textEncoder());
writeFileSync(path('types.onnx'), textEncoder(['input_ids', 'token_type_ids', 'attention_mask', 'position_ids']));
writeFileSync(path('strange.onnx'), textEncoder(['input_ids', 'attention_mask', 'labels']));
writeFileSync(path('tokenizer.json'), tokenizerJson());

async function rows(options: Readonly<Record<string, unknown>>, ...subjects: FeatureSubject[]) {
  const built = await extractor('onnx_text', files, { model: 'model.onnx', ...options })();
  const values = Array.from(await built.extract(subjects));
  await built.dispose?.();
  return subjects.map((_, i) => values.slice(i * DIMENSIONS, (i + 1) * DIMENSIONS));
}
const meanOf = (hidden: number[][]) =>
  hidden[0]!.map((_, d) => hidden.reduce((sum, h) => sum + h[d]!, 0) / hidden.length);
const numbers = (...words: string[]) => words.map((word) => WORDS.indexOf(word));
const close = (got: number[], want: number[]): void => {
  got.forEach((x, d) => expect(Math.abs(x - want[d]!)).toBeLessThan(1e-4));
};

const film = numbers('[CLS]', 'a', 'very', 'good', 'film', '##s', '[UNK]', '[SEP]');

describe('rows of texts', () => {
  it.each(['model.onnx', 'types.onnx'])(
    'are the mean over the tokens of the text, whatever fills it up: %s',
    async (model) => {
      const long = 'good '.repeat(50);
      const [first, second, third] = await rows(
        { model },
        text('a', 'A VERY good films zebra'),
        text('b', ''),
        text('c', long),
      );
      close(first!, meanOf(hiddenByHand(film)));
      close(second!, meanOf(hiddenByHand(numbers('[CLS]', '[SEP]'))));
      close(third!, meanOf(hiddenByHand([1, ...new Array<number>(50).fill(4), 2])));
    },
  );

  it('are the first token with cls', async () => {
    const [row] = await rows({ pool: 'cls' }, text('a', 'a very good films zebra'));
    close(row!, hiddenByHand(film)[0]!);
  });

  it('are of the beginning of a text that is too long, with the tokens at both ends', async () => {
    const [row] = await rows({ maxTokens: 5 }, text('a', 'a very good film'));
    close(row!, meanOf(hiddenByHand(numbers('[CLS]', 'a', 'very', 'good', '[SEP]'))));
  });

  it('are refused of a model with other inputs, or without its tokenizer', async () => {
    await expect(rows({ model: 'strange.onnx' }, text('a', 'a'))).rejects.toThrow(
      /CONFIG_INVALID.*inputs: .*got labels/,
    );
    await expect(rows({ tokenizer: 'none.json' }, text('a', 'a'))).rejects.toThrow(
      /DATA_INVALID.*none\.json.*no such file/,
    );
    writeFileSync(path('broken.json'), '{"model":{"type":"Nothing"}}');
    await expect(rows({ tokenizer: 'broken.json' }, text('a', 'a'))).rejects.toThrow(/DATA_INVALID.*broken\.json/);
  });

  it('are refused of a file that is no model', async () => {
    writeFileSync(path('junk.onnx'), 'junk');
    await expect(rows({ model: 'junk.onnx' }, text('a', 'a'))).rejects.toThrow(
      /\[DATA_INVALID\] junk\.onnx: .*ONNX Runtime can load/,
    );
    await expect(rows({ model: 'no.onnx' }, text('a', 'a'))).rejects.toThrow(
      /\[DATA_INVALID\] no\.onnx: .*no such file/,
    );
  });
});

it('a tokenizer cuts a text and keeps what belongs at its ends', async () => {
  const tokens = await openTokenizer('tokenizer.json', path('tokenizer.json'));
  expect(tokens.encode('good good', 4)).toEqual([1, 4, 4, 2]);
  expect(tokens.encode('good bad film', 4)).toEqual([1, 4, 5, 2]);
  expect(tokens.encode('[SEP] good bad film', 4)).toEqual([1, 2, 4, 2]);
});

describe('without a package', () => {
  const absent: string = 'package-of-nobody';
  it('says which, and how to install it', async () => {
    const given = { name: 'm', path: path('model.onnx'), threads: 1 };
    await expect(openModel(given, () => import(absent))).rejects.toThrow(
      /\[BACKEND_UNAVAILABLE\].*the package onnxruntime-node, got ".*package-of-nobody.*npm install onnxruntime-node@1\.30\.0/,
    );
    await expect(openDecoder(() => Promise.reject(new Error('no binary\nfor this')))).rejects.toThrow(
      /\[BACKEND_UNAVAILABLE\].*sharp.*no binary for this.*npm install --include=optional sharp/,
    );
  });
});
