import { QuorateError, type AnswerTable, type Registry } from '@quorate/core';
import {
  Consensus,
  CrowdAnswers,
  goldOf,
  ledgerOf,
  openAggregator,
  upsert,
  type ConsensusState,
  type GoldLabel,
  type Ledger,
  type Upserted,
} from '@quorate/consensus';
import { plural } from '../terminal/format.js';
import type { SourceTable } from './read-sources.js';

export interface AggregateRequest {
  readonly registry: Registry;
  readonly tables: readonly SourceTable[];
  /** Null: that of the state, else `default`. */
  readonly aggregator: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** Null: that of the state, else 0. */
  readonly seed: number | null;
  /** Known labels that inform the aggregator. */
  readonly gold: readonly GoldLabel[];
  /** Class probabilities of a model for these answers; null without. */
  readonly probabilities: ((answers: CrowdAnswers) => Promise<Float64Array>) | null;
  /** What an earlier call left; null without. */
  readonly state: ConsensusState | null;
  /** The state's file, for messages. */
  readonly stateName: string | null;
  /** False: answers are absorbed and the rest stays as it is. */
  readonly settle: boolean;
  /** True: answers that are known count again. */
  readonly force: boolean;
}

export interface Aggregated {
  readonly consensus: Consensus;
  readonly aggregator: ConsensusState['aggregator'];
  /** All answers, as a state keeps them. */
  readonly ledger: Ledger;
  /** What of each file was new; of the first one only where there was a state. */
  readonly taken: readonly Taken[];
  readonly gold: readonly GoldLabel[];
  /** Was everything inferred afresh? */
  readonly settled: boolean;
  /** Sentences for people. */
  readonly notes: readonly string[];
  readonly badRows: number;
}

/** A file, and what became of its answers. */
export interface Taken extends Upserted {
  readonly name: string;
}

/** From tables of answers (and what an earlier call left) to a consensus. */
export async function aggregate(request: AggregateRequest): Promise<Aggregated> {
  const { registry, tables, state } = request;
  const { ledger, taken } = gather(request);
  const notes = taken.map(takenNote);
  const aggregator = chosen(request);
  mustExist(registry, aggregator.name);
  const part = await openAggregator({ registry, ...aggregator });
  // The last label of a task counts.
  const gold = [...new Map([...(state?.gold ?? []), ...request.gold])];

  // What was changed is in what the aggregator has absorbed: only settling takes it out again.
  const absorbs = state !== null && !request.settle && taken.every(({ changed }) => changed === 0);
  const answers = CrowdAnswers.of(absorbs ? state.answers : ledger);
  const before = answers.index.count;
  const consensus = new Consensus({ answers, aggregator: part });
  if (absorbs) {
    consensus.restore({ aggregator: state.snapshot, posterior: state.posterior });
    answers.add(rowsFrom(ledger, state.answers.count));
  }

  if (gold.length > 0) {
    const heard = answers.classes.length;
    const { classOf, known, elsewhere } = goldOf(answers, gold, true);
    consensus.gold = classOf;
    if (elsewhere > 0) notes.push(`${elsewhere} of ${known + elsewhere} gold labels are of tasks without a row here.`);
    const unheard = answers.classes.slice(heard);
    if (unheard.length > 0) {
      const [first] = unheard;
      const more = unheard.length > 1 ? ` and ${unheard.length - 1} more` : '';
      notes.push(`Gold names ${JSON.stringify(first)}${more}, which no answer does: is it spelt as in the answers?`);
    }
  }
  const unused = gold.length > 0 ? 0 : tables.reduce((sum, { table }) => sum + goldTasks(table), 0);
  if (unused > 0)
    notes.push(`The answers come with the true class of ${plural(unused, 'task')}, which counts with --gold only.`);
  if (request.probabilities) consensus.prior = await request.probabilities(answers);
  const settles = !absorbs || request.gold.length > 0 || !consensus.canAbsorb;
  if (settles) consensus.settle();
  else consensus.absorb(before);
  if (settles && !request.settle)
    notes.push('Everything was inferred afresh: the state could not take this in as it was.');
  notes.push(...remarks(consensus));
  const badRows = tables.reduce((sum, { table }) => sum + table.badRows, 0);
  return { consensus, aggregator, ledger, taken, gold, settled: settles, notes, badRows };
}

/** The rows of a ledger from number `first` on. */
function rowsFrom(ledger: Ledger, first: number): Ledger {
  const { count, item, worker, label } = ledger;
  const rest = (column: Int32Array): Int32Array => column.subarray(first, count);
  return { ...ledger, count: count - first, item: rest(item), worker: rest(worker), label: rest(label) };
}

const goldTasks = ({ gold }: AnswerTable): number => gold?.reduce((sum, k) => sum + Number(k >= 0), 0) ?? 0;

/** The name, options and seed that hold; a state keeps those that it was made with. */
function chosen({ state, stateName, aggregator, options, seed }: AggregateRequest): ConsensusState['aggregator'] {
  if (!state) return { name: aggregator ?? 'default', options, seed: seed ?? 0 };
  const kept = state.aggregator;
  const differs =
    (aggregator !== null && aggregator !== kept.name) ||
    (seed !== null && seed !== kept.seed) ||
    (Object.keys(options).length > 0 && JSON.stringify(options) !== JSON.stringify(kept.options));
  if (!differs) return kept;
  const told = (one: ConsensusState['aggregator']): string =>
    [
      `--aggregator ${one.name} --seed ${one.seed}`,
      ...Object.entries(one.options).map(([k, v]) => `aggregator.${k}=${String(v)}`),
    ].join(' ');
  throw new QuorateError('CONFIG_INVALID', {
    where: stateName ?? 'the state',
    expected: told(kept),
    got: told({ name: aggregator ?? kept.name, options, seed: seed ?? kept.seed }),
    fix: 'Leave them out to continue with the state, or name another --state file to start afresh.',
  });
}

function mustExist(registry: Registry, name: string): void {
  if (registry.component('aggregator', name)) return;
  const { expected, fix } = registry.missing('aggregator', name);
  throw new QuorateError('PART_MISSING', { where: '--aggregator', expected, got: `"${name}"`, fix });
}

/** The ledger of a state with all tables, and what of each was new. Without a state the first table begins it. */
export function gather({
  tables,
  state,
  force,
}: Pick<AggregateRequest, 'tables' | 'state' | 'force'>): Pick<Aggregated, 'ledger' | 'taken'> {
  const [first, ...rest] = tables;
  let ledger = state?.answers ?? ledgerOf(first!.table);
  const taken: Taken[] = [];
  for (const { name, table } of state ? tables : rest) {
    const { ledger: more, upserted } = upsert(ledger, table, force);
    ledger = more;
    taken.push({ name, ...upserted });
  }
  return { ledger, taken };
}

/** Where answers come in a second time, people want to know what of them counts. */
export function takenNote({ name, new: more, known, changed }: Taken): string {
  const parts = [`${plural(more, 'new answer')}`, `${known} known`, `${changed} changed`];
  return `${name}: ${parts.join(', ')}.`;
}

/** What a reader of the labels should know. */
function remarks({ answers, inferred }: Consensus): string[] {
  const { index, classes, taskIds } = answers;
  const notes = [...(inferred?.notes ?? [])];
  if (classes.length === 1) {
    notes.push(
      `All answers name one class, "${String(classes[0])}": nothing tells how often another would have been right. Confidence is (n + 1) / (n + 2) after n answers.`,
    );
  }
  if (index.count === 0) notes.push('There are only skips: no task has a label.');
  if (inferred && !inferred.converged && classes.length > 1) {
    notes.push(`Stopped after ${inferred.iterations} iterations before it had converged.`);
  }
  const empty = taskIds.length - index.annotatedCount;
  if (empty > 0 && index.count > 0) notes.push(`${empty} of ${taskIds.length} tasks have no answer and no label.`);
  return notes;
}
