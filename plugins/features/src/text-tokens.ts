import { readFile } from 'node:fs/promises';
import { QuorateError, messageOf } from '@quorate/core';

/** What is used of the library, whose own types do not resolve under Node's rules of imports. */
interface Tokenizer {
  encode(text: string, options?: { readonly add_special_tokens: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
}
interface Library {
  readonly Tokenizer: new (tokenizer: object, config: object) => Tokenizer;
}

/** Texts as numbers of a vocabulary. */
export interface TextTokens {
  /** The files, for the fingerprint. */
  readonly source: string;
  /** The token that fills up short texts; it never counts. */
  readonly padding: number;
  /** At most `most` tokens, the special ones at both ends included: what is too long loses the end of the text itself. */
  encode(text: string, most: number): readonly number[];
}

/**
 * Loads a `tokenizer.json` of Hugging Face, with the `tokenizer_config.json` beside it where there is one.
 * @param name As the user wrote it; errors name it. @throws QuorateError DATA_INVALID where it cannot be read.
 */
export async function openTokenizer(name: string, path: string): Promise<TextTokens> {
  const { Tokenizer } = (await import('@huggingface/tokenizers')) as unknown as Library;
  let source: string;
  let tokenizer: Tokenizer;
  let padding: unknown;
  try {
    source = await readFile(path, 'utf8');
    const json = JSON.parse(source) as { padding?: { pad_id?: unknown } | null };
    const beside = path.replace(/tokenizer\.json$/, 'tokenizer_config.json');
    const config = beside === path ? '{}' : await readFile(beside, 'utf8').catch(() => '{}');
    tokenizer = new Tokenizer(json, JSON.parse(config) as object);
    source += config;
    padding = json.padding?.pad_id ?? tokenizer.token_to_id('[PAD]') ?? tokenizer.token_to_id('<pad>');
  } catch (cause) {
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a tokenizer.json of Hugging Face',
      got: messageOf(cause),
      fix: 'Set features.tokenizer to the tokenizer.json that belongs to the model.',
      cause,
    });
  }
  return {
    source,
    padding: typeof padding === 'number' ? padding : 0,
    encode: (text, most) => {
      const { ids } = tokenizer.encode(text);
      if (ids.length <= most) return ids;
      const plain = tokenizer.encode(text, { add_special_tokens: false }).ids;
      const special = ids.length - plain.length;
      const before = placeOf(plain, ids);
      const kept = plain.slice(0, Math.max(0, most - special));
      return [...ids.slice(0, before), ...kept, ...ids.slice(before + plain.length)].slice(0, most);
    },
  };
}

/** Where `part` begins in `whole`, which is longer by a few tokens at its ends. */
function placeOf(part: readonly number[], whole: readonly number[]): number {
  for (let start = 0; start <= whole.length - part.length; start++) {
    if (part.every((id, at) => whole[start + at] === id)) return start;
  }
  return 0;
}
