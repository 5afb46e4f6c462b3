import { isQuorateError, type AnnotationStore, type Annotations, type Dataset } from '@quorate/core';
import fc from 'fast-check';
import { fingerprint, firstDifference } from './fingerprint.js';
import { describeLaws, forAll, must, type Law, type SuiteOptions } from './law.js';
import { within } from './watchdog.js';
import { World } from './world.js';

/** Builds an empty store of a data set and of the workers that are known from the start. */
export type MakeStore = (dataset: Dataset, workerIds: readonly string[]) => AnnotationStore;

export interface AnnotationStoreSubject {
  readonly make: MakeStore;
  readonly capabilities: SuiteOptions;
}

/** One call of the store; numbers are reduced to what exists when it is made. */
type Call =
  | { readonly call: 'collect'; readonly answers: readonly (readonly [number, number, number])[] }
  | { readonly call: 'add'; readonly answers: readonly (readonly [number, number, number])[] }
  | { readonly call: 'retract'; readonly sequence: number }
  | { readonly call: 'replace'; readonly sequence: number; readonly label: number };

const N = 4;
const K = 3;
const KNOWN = ['w0', 'w1'];
const plan = { items: N, workers: 2, classes: K, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };
const dataset = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null }).dataset();

const anyAnswers = fc.array(fc.tuple(fc.nat(N - 1), fc.nat(4), fc.nat(K - 1)), { maxLength: 5 });
const anyCalls: fc.Arbitrary<Call[]> = fc.array(
  fc.oneof(
    fc.record({ call: fc.constant('collect' as const), answers: anyAnswers }),
    fc.record({ call: fc.constant('add' as const), answers: anyAnswers }),
    fc.record({ call: fc.constant('retract' as const), sequence: fc.nat(30) }),
    fc.record({ call: fc.constant('replace' as const), sequence: fc.nat(30), label: fc.nat(K - 1) }),
  ),
  { maxLength: 14 },
);

/** What the journal says, kept as plainly as can be: every entry, and whether it counts. */
class Plain {
  readonly entries: { item: number; worker: number; label: number; counts: boolean }[] = [];
  readonly workers = [...KNOWN];

  put(item: number, worker: number, label: number): void {
    this.entries.push({ item, worker, label, counts: true });
  }

  takeBack(sequence: number): void {
    const entry = this.entries[sequence]!;
    entry.counts = false;
    this.entries.push({ ...entry, counts: false });
  }

  /** Is entry `a` its worker's latest that counts of its item? Only such a one can be taken back. */
  latest(a: number): boolean {
    const { item, worker, counts } = this.entries[a]!;
    return counts && !this.entries.slice(a + 1).some((b) => b.counts && b.item === item && b.worker === worker);
  }

  sequences(of: 'item' | 'worker', owner: number): number[] {
    return [...this.entries.keys()].filter((a) => this.entries[a]!.counts && this.entries[a]![of] === owner);
  }
}

/** Makes a call of the store and of the plain journal. */
function apply(store: AnnotationStore, plain: Plain, call: Call, step: number): void {
  if (call.call === 'add') {
    for (const [i, j, k] of call.answers) {
      const id = `w${j}`;
      if (!plain.workers.includes(id)) plain.workers.push(id);
      plain.put(i, plain.workers.indexOf(id), k);
    }
    const said = call.answers.map(([i, j, k]) => {
      return { task: dataset.taskIds[i]!, worker: `w${j}`, label: dataset.classes[k]! };
    });
    store.add(said, step);
    return;
  }
  if (call.call === 'collect') {
    const answers = call.answers.map(([i, j, k]) => [i, j % plain.workers.length, k] as const);
    for (const answer of answers) plain.put(...answer);
    const column = (x: 0 | 1 | 2): Int32Array => Int32Array.from(answers, (answer) => answer[x]);
    store.collect({ count: answers.length, item: column(0), worker: column(1), label: column(2) }, step);
    return;
  }
  const live = [...plain.entries.keys()].filter((a) => plain.latest(a));
  if (live.length === 0) return;
  const sequence = live[call.sequence % live.length]!;
  const { item, worker } = plain.entries[sequence]!;
  plain.takeBack(sequence);
  if (call.call === 'retract') return store.retract(sequence, step);
  plain.put(item, worker, call.label);
  store.replace(sequence, call.label, step);
}

function walk(first: number, next: Int32Array): number[] {
  const list: number[] = [];
  for (let a = first; a >= 0; a = next[a]!) {
    must(list.push(a) <= next.length, 'a list of annotations runs in a circle');
  }
  return list;
}

/** All that a reader can see, without the room that arrays have to spare. */
function seen(view: Annotations): string {
  const { count, live, items, workers, classes, annotatedCount } = view;
  return fingerprint({
    ...{ count, live, items, workers, classes, annotatedCount },
    columns: [view.item, view.worker].map((column) => column.slice(0, count)),
    perItem: view.perItem.slice(0, items),
    perWorker: view.perWorker.slice(0, workers),
    annotated: view.annotated.slice(0, annotatedCount),
    ofItem: Array.from({ length: items }, (_, i) => walk(view.firstOfItem[i]!, view.nextOfItem)),
    ofWorker: Array.from({ length: workers }, (_, j) => walk(view.firstOfWorker[j]!, view.nextOfWorker)),
  });
}

const sum = (x: Int32Array, n: number): number => x.subarray(0, n).reduce((a, b) => a + b, 0);

/** Checks `law` after every call of a random sequence. */
function afterAnyCall(
  { make, capabilities }: AnnotationStoreSubject,
  law: (store: AnnotationStore, plain: Plain) => void,
): Promise<void> {
  return forAll(anyCalls, capabilities.runs ?? 100, (calls) => {
    const [store, plain] = [make(dataset, KNOWN), new Plain()];
    calls.forEach((call, step) => {
      within(1000, () => apply(store, plain, call, step));
      law(store, plain);
    });
  });
}

export const annotationStoreLaws: readonly Law<AnnotationStoreSubject>[] = [
  {
    id: 'L1',
    text: 'live = Σ_i perItem[i] = Σ_j perWorker[j]; a retracted annotation is in no list and no count',
    check: (subject) =>
      afterAnyCall(subject, ({ view }, plain) => {
        const live = plain.entries.filter(({ counts }) => counts).length;
        must(view.live === live, () => `live is ${view.live}, ${live} annotations count`);
        for (const [what, total] of [
          ['perItem', sum(view.perItem, view.items)],
          ['perWorker', sum(view.perWorker, view.workers)],
        ] as const) {
          must(total === live, () => `${what} adds up to ${total}, ${live} annotations count`);
        }
        for (let i = 0; i < N; i++) {
          for (const a of walk(view.firstOfItem[i]!, view.nextOfItem)) {
            must(plain.entries[a]!.counts, `retracted annotation ${a} is still in the list of item ${i}`);
          }
        }
      }),
  },
  {
    id: 'L2',
    text: 'the lists of the items and the lists of the workers hold the same annotations, each once, in order',
    check: (subject) =>
      afterAnyCall(subject, ({ view }, plain) => {
        const mustBe = (got: readonly number[], want: readonly number[], whose: string): void =>
          must(got.join() === want.join(), () => `the list of ${whose} is ${got.join()}, expected ${want.join()}`);
        for (let i = 0; i < N; i++) {
          mustBe(walk(view.firstOfItem[i]!, view.nextOfItem), plain.sequences('item', i), `item ${i}`);
        }
        for (let j = 0; j < view.workers; j++) {
          mustBe(walk(view.firstOfWorker[j]!, view.nextOfWorker), plain.sequences('worker', j), `worker ${j}`);
        }
      }),
  },
  {
    id: 'L3',
    text: 'annotated holds the items that ever had an annotation, each once, by first arrival',
    check: (subject) =>
      afterAnyCall(subject, ({ view }, plain) => {
        const want = [...new Set(plain.entries.map(({ item }) => item))];
        const got = view.annotated.subarray(0, view.annotatedCount);
        must(got.join() === want.join(), () => `annotated is ${got.join()}, expected ${want.join()}`);
      }),
  },
  {
    id: 'L4',
    text: 'nothing that a reader can see changes between two calls of the store that writes',
    check: (subject) =>
      afterAnyCall(subject, (store) => {
        const before = seen(store.view);
        const after = seen(store.view);
        must(before === after, () => `reading it changed the view: ${firstDifference(before, after)}`);
      }),
  },
  {
    id: 'L5',
    text: 'view always agrees with the journal replayed from its first entry',
    check: (subject) =>
      afterAnyCall(subject, ({ view }, { entries, workers }) => {
        must(view.count === entries.length, () => `${view.count} entries, expected ${entries.length}`);
        must(view.workers === workers.length, () => `${view.workers} workers, expected ${workers.length}`);
        entries.forEach(({ item, worker, label, counts }, a) => {
          const same = view.item[a] === item && view.worker[a] === worker && (!counts || view.label[a] === label);
          must(same, () => `entry ${a} is (${view.item[a]}, ${view.worker[a]}, ${view.label[a]})`);
        });
      }),
  },
  {
    id: 'L6',
    text: 'an invalid answer is refused as a whole, with its reason, and what was stored stays as it was',
    check: (subject) =>
      afterAnyCall(subject, (store, plain) => {
        const before = seen(store.view);
        const good = { task: dataset.taskIds[0]!, worker: 'w0', label: dataset.classes[0]! };
        const gone = plain.entries.findIndex(({ counts }) => !counts);
        const refused: [string, () => unknown][] = [
          ['an unknown task', () => store.add([good, { ...good, task: 'no such task' }], 99)],
          ['an unknown label', () => store.add([good, { ...good, worker: 'new', label: 'no such label' }], 99)],
          ['a sequence number that is not there', () => store.retract(plain.entries.length, 99)],
          ['a retraction of what was retracted', () => store.retract(gone, 99)],
          ['a replacement of what is not there', () => store.replace(plain.entries.length + 3, 0, 99)],
        ];
        const live = plain.entries.findIndex(({ counts }) => counts);
        const early = plain.entries.findIndex(({ counts }, a) => counts && !plain.latest(a));
        if (early >= 0) refused.push(['a retraction of an earlier answer', () => store.retract(early, 99)]);
        if (live >= 0) refused.push(['a replacement by no class', () => store.replace(live, K, 99)]);
        for (const [what, act] of refused) {
          let code: unknown = 'nothing';
          try {
            within(1000, act);
          } catch (thrown) {
            code = isQuorateError(thrown) ? thrown.code : thrown;
          }
          must(code === 'ANNOTATION_INVALID', () => `${what}: expected ANNOTATION_INVALID, got ${String(code)}`);
          const after = seen(store.view);
          must(before === after, () => `${what} was refused, yet something changed: ${firstDifference(before, after)}`);
        }
      }),
  },
];

/** Runs every law of `AnnotationStore` against one implementation. */
export function describeAnnotationStore(name: string, make: MakeStore, capabilities: SuiteOptions = {}): void {
  describeLaws(`${name} keeps the AnnotationStore contract`, annotationStoreLaws, { make, capabilities });
}
