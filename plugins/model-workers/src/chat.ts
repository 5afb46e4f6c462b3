import { join } from 'node:path';
import { T, defineComponent, type Dataset, type Files, type Questions, type WorkerSimulator } from '@quorate/core';
import { AnswerCache } from './answer-cache.js';
import { chatOptions, type ChatOptions } from './chat-options.js';
import { Endpoint, UnsupportedOutput, type Reply } from './endpoint.js';
import { Prompt, type Wanted } from './prompt.js';
import { hashOf, readContents, type Contents } from './task-contents.js';

/** How often a reply that names no class of ours is asked for again, one task at a time. */
const TRIES = 2;
/** Ways to make an endpoint answer with a class, the strictest first. */
const OUTPUTS: readonly Wanted[] = ['json_schema', 'json_object', 'text'];

/**
 * A language model that answers through an OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp, LM Studio, or hosted. Its id is
 * the model and the hash of the prompt, so that a changed prompt is another worker. Temperature 0; asked twice it is not
 * asked: the answer is kept. It declines what it refuses to answer, and what it does not answer with a class.
 */
export class ChatModel implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge = { pooledCounts: null, confusion: () => null };
  readonly #options: ChatOptions;
  readonly #prompt: Prompt;
  readonly #contents: Contents;
  readonly #endpoint: Endpoint;
  readonly #cache: AnswerCache;
  readonly #files: Files;
  #output: Wanted;
  /** The account of this process. */
  #kept = 0;
  #asked = 0;
  #declined = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  constructor(
    options: ChatOptions,
    { dataset, contents, files }: { readonly dataset: Dataset; readonly contents: Contents; readonly files: Files },
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#options = options;
    this.#output = options.output;
    this.#files = files;
    this.#contents = contents;
    this.#prompt = new Prompt(options, dataset.classes);
    const hash = this.#prompt.hash.slice(0, 8);
    this.workerIds = [`${options.model}@${hash}`];
    const folder = options.cache === null ? join(files.cacheDir, 'model-answers') : files.resolve(options.cache);
    const name = options.model.replace(/[^\w.-]+/g, '_').slice(0, 60);
    this.#cache = new AnswerCache(join(folder, `${name}-${hash}.jsonl`));
    this.#endpoint = new Endpoint(options, env);
  }

  may(_worker: number, item: number): boolean {
    return this.#contents.has(item);
  }

  async answer({ count, item }: Questions, labels: Int32Array): Promise<void> {
    this.#cache.refresh();
    const open: { readonly place: number; readonly key: string }[] = [];
    for (let a = 0; a < count; a++) {
      const content = this.#contents.of(item[a]!);
      if (!content) {
        labels[a] = -1;
        continue;
      }
      const key = hashOf(content);
      const kept = this.#cache.get(key);
      if (kept === undefined) open.push({ place: a, key });
      else {
        labels[a] = this.#place(kept);
        this.#kept++;
      }
    }
    // Equal tasks are one question.
    const places = new Map<string, number[]>();
    for (const { place, key } of open) {
      const same = places.get(key);
      if (same) same.push(place);
      else places.set(key, [place]);
    }
    const batches = this.#batches([...places].map(([key, [place]]) => ({ key, item: item[place!]! })));
    const settled = await Promise.allSettled(batches.map((batch) => this.#askBatch(batch)));
    const failed = settled.find((one) => one.status === 'rejected');
    // What came is kept, whatever became of the others.
    if (failed) throw failed.reason;
    for (const [key, same] of places)
      for (const place of same) labels[place] = this.#place(this.#cache.get(key) ?? null);
  }

  #place(label: string | null): number {
    return label === null ? -1 : this.#prompt.labels.indexOf(label);
  }

  /** Texts go together; an image goes alone. */
  #batches(open: readonly Question[]): readonly (readonly Question[])[] {
    const { batchSize } = this.#options;
    const batches: Question[][] = [];
    let texts: Question[] | null = null;
    for (const question of open) {
      const alone = batchSize === 1 || this.#contents.of(question.item)?.kind === 'image';
      if (alone) batches.push([question]);
      else if (texts && texts.length < batchSize) texts.push(question);
      else batches.push((texts = [question]));
    }
    return batches;
  }

  async #askBatch(batch: readonly Question[]): Promise<void> {
    const { text } = await this.#ask(batch);
    const found = text === null ? batch.map(() => undefined) : this.#prompt.classesIn(text, batch.length);
    const done = batch.flatMap(({ key }, x) => (found[x] === undefined ? [] : [this.#answerOf(key, found[x])]));
    if (done.length > 0) this.#cache.add(done);
    for (const [x, question] of batch.entries()) {
      if (found[x] !== undefined) continue;
      // A refusal of one task is final; in a batch nobody knows whom it was about.
      if (batch.length === 1 && text === null) this.#cache.add([this.#answerOf(question.key, undefined)]);
      else await this.#askAlone(question, batch.length === 1 ? TRIES - 1 : TRIES);
    }
  }

  async #askAlone(question: Question, tries: number): Promise<void> {
    let label: number | undefined;
    for (let n = 0; n < tries && label === undefined; n++) {
      const { text } = await this.#ask([question]);
      if (text === null) break;
      label = this.#prompt.classesIn(text, 1)[0];
    }
    this.#cache.add([this.#answerOf(question.key, label)]);
  }

  #answerOf(key: string, label: number | undefined): { key: string; label: string | null } {
    this.#asked++;
    if (label === undefined) this.#declined++;
    return { key, label: label === undefined ? null : this.#prompt.labels[label]! };
  }

  /** Asks, in a plainer way where the endpoint does not know the one that is wanted. */
  async #ask(batch: readonly Question[]): Promise<Reply> {
    const contents = batch.map(({ item }) => this.#contents.of(item)!);
    for (;;) {
      const wanted = this.#output;
      try {
        const reply = await this.#endpoint.ask(this.#prompt.body(contents, wanted));
        this.#inputTokens += reply.inputTokens;
        this.#outputTokens += reply.outputTokens;
        return reply;
      } catch (thrown) {
        const next = OUTPUTS[OUTPUTS.indexOf(wanted) + 1];
        if (!(thrown instanceof UnsupportedOutput) || next === undefined) throw thrown;
        // Another request may have found out already.
        if (this.#output !== wanted) continue;
        this.#output = next;
        this.#files.note(
          `${this.#options.url} does not take output=${wanted} (${thrown.message}); asked with output=${next}.`,
        );
      }
    }
  }

  dispose(): void {
    this.#endpoint.close();
    this.#cache.close();
    if (this.#asked + this.#kept > 0) this.#files.note(this.#account());
  }

  #account(): string {
    const { tokenPrices: prices } = this.#options;
    const count = (n: number, one: string, more = `${one}s`): string =>
      `${n.toLocaleString('en-US')} ${n === 1 ? one : more}`;
    const tokens = this.#inputTokens + this.#outputTokens;
    const money = prices && (this.#inputTokens * prices.input + this.#outputTokens * prices.output) / 1e6;
    return [
      `${this.workerIds[0]}: ${count(this.#asked, 'answer')} in ${count(this.#endpoint.requests, 'request')}`,
      this.#declined > 0 ? `, ${count(this.#declined, 'of them declined', 'of them declined')}` : '',
      this.#kept > 0 ? `, ${count(this.#kept, 'more was kept', 'more were kept')} from before` : '',
      tokens > 0 ? `; ${count(this.#inputTokens, 'token')} in, ${count(this.#outputTokens, 'token')} out` : '',
      money === null ? '' : `, ${Number(money.toPrecision(3))} at tokenPrices`,
      '.',
    ].join('');
  }
}

interface Question {
  readonly key: string;
  readonly item: number;
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'chat',
  summary: 'a language model behind an OpenAI-compatible chat endpoint: vLLM, Ollama, llama.cpp, LM Studio, or hosted',
  options: chatOptions,
  inject: [T.Dataset, T.Files],
  create: async (options, dataset, files) => {
    const contents = await readContents(options, dataset.taskIds, files);
    return new ChatModel(options, { dataset, contents, files }, process.env);
  },
});
