import { dirname, relative, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Aggregated } from '../answers/aggregate.js';
import {
  AnswersCommand,
  aggregatorFlag,
  goldColumnsFlag,
  goldFlag,
  inputFlags,
  seedFlag,
} from '../answers/answers-command.js';
import type { CarriedColumn } from '../answers/carried.js';
import { readingWords } from '../answers/reading-flags.js';
import type { ConsensusState } from '@quorate/consensus';
import type { StateFile } from '../answers/state-file.js';

export default class Aggregate extends AnswersCommand {
  static override summary =
    'From crowd answers in files to one label per task, with its confidence, and a report on the workers.';
  static override description = [
    'Writes labels.csv and workers.csv. Files may be of any format that a plugin knows, gzipped too; - is standard input.',
    'Words of the form aggregator.option=value set options of the aggregator, format.option=value those of the format.',
    'Known labels (--gold) are the labels of their tasks, and make confidence hold for this file: tasks drawn at random, not',
    'the clear ones ("quorate gold" draws them). To an aggregator other than default they tell how good each worker is.',
    '\n\nWith --json everything is printed as one JSON object, and files are written only with --out.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct (command line, files), 130 interrupted.',
  ].join(' ');
  static override usage = 'aggregate ANSWERS... [aggregator.OPTION=VALUE ...] [--out DIR] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> aggregate answers.csv',
    '<%= config.bin %> aggregate answers.csv --aggregator dawid_skene --out labels --html report.html',
    '<%= config.bin %> aggregate answers.csv --gold gold.csv --json',
    '<%= config.bin %> aggregate --state consensus.state monday.csv',
  ];
  static override flags = {
    ...inputFlags,
    aggregator: aggregatorFlag,
    seed: seedFlag,
    gold: Flags.string(goldFlag),
    'gold-columns': goldColumnsFlag,
    carry: Flags.string({
      helpValue: 'COLUMNS',
      summary: 'Columns of the answers to write to labels.csv too, for instance image_url,text.',
    }),
    probabilities: Flags.string({
      helpValue: 'FILE',
      summary: 'Class probabilities of a model, for crowdlab: a table task,<class>,... or a matrix (.npy and others).',
    }),
    classes: Flags.string({
      helpValue: 'A,B,...',
      summary: 'Classes of the columns of --probabilities where the file does not name them, in order.',
    }),
    out: Flags.string({
      char: 'o',
      helpValue: 'DIR',
      summary: 'Folder for the files; those of an earlier call are replaced.',
    }),
    proba: Flags.boolean({ summary: 'Write proba.csv too: the probability of every class.' }),
    html: Flags.string({ helpValue: 'FILE', summary: 'Write a report with charts, one file that needs no network.' }),
    'review-below': Flags.string({ default: '0.8', summary: 'Confidence below which a task needs review, 0 to 1.' }),
    state: Flags.string({ helpValue: 'FILE', summary: 'Keep the answers in this file; a later call adds to them.' }),
    settle: Flags.boolean({
      default: true,
      allowNo: true,
      summary: 'With --state: infer everything afresh at the end. --no-settle only takes in what is new.',
    }),
    force: Flags.boolean({ summary: 'Count answers that are known again; replace files.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Aggregate);
    const { aggregate } = await import('../answers/aggregate.js');
    const { Inputs, checkOutputs, writeOutputs } = await import('@quorate/host');
    const { StageView } = await import('../answers/stage-view.js');
    const { agreementOf, labelsOf, reportWorkers } = await import('@quorate/consensus');
    const reviewBelow = this.#share(flags['review-below']);
    const json = this.jsonEnabled();
    const cwd = process.cwd();
    const shown = (file: string): string => relative(cwd, resolve(cwd, file)) || '.';

    const stateFile = flags.state === undefined ? null : resolve(cwd, flags.state);
    const { sources: named, aggregator: options, format } = this.inputWords(argv, stateFile === null);
    const folder = flags.out === undefined ? (stateFile === null ? cwd : dirname(stateFile)) : resolve(cwd, flags.out);
    const writes = !json || flags.out !== undefined;
    const names = writes ? ['labels.csv', 'workers.csv', ...(flags.proba ? ['proba.csv'] : [])] : [];
    const inputs = new Inputs();
    for (const file of [...named, flags.gold, flags.probabilities]) {
      if (file !== undefined && file !== '-') inputs.add(resolve(cwd, file), file);
    }

    const view = new StageView(json);
    let kept: StateFile | null = null;
    try {
      if (stateFile !== null) {
        const { StateFile } = await import('../answers/state-file.js');
        kept = new StateFile({ file: stateFile, name: flags.state!, inputs, onNote: this.note });
      }
      const state = kept?.state ?? null;
      const sources = named.length > 0 || state !== null ? named : this.inputWords(argv).sources;
      const mayReplace = flags.out !== undefined || flags.force;
      const places = [
        ...names.map((name) => ({
          name: resolve(folder, name),
          replaces: mayReplace || (state?.wrote[name] ?? false),
        })),
        ...(flags.html === undefined ? [] : [{ name: flags.html, replaces: true }]),
      ].map(({ name, replaces }) => ({ path: resolve(cwd, name), name: shown(name), replaces }));
      const statePlaces = (stateFile === null ? [] : [stateFile, `${stateFile}.previous`]).map((path) => {
        return { path, name: shown(path), replaces: true };
      });
      checkOutputs([...places, ...statePlaces], { inputs, advice: ADVICE });
      view.stage('loading plugins');
      const { registry, file } = await this.found(flags.config);
      if (file !== null) inputs.add(file);
      view.stage('reading the answers');
      const tables = await this.read(sources, registry, flags, format);
      const gold = await this.gold(flags, registry, tables);
      const { readProbabilities } = await import('../answers/probabilities/read.js');
      const probabilities = flags.probabilities;
      const classes = flags.classes?.split(',').map((name) => name.trim()) ?? null;
      view.stage('weighing the answers');
      const result = await aggregate({
        registry,
        tables,
        aggregator: flags.aggregator ?? null,
        options,
        seed: flags.seed ?? null,
        gold,
        probabilities:
          probabilities === undefined
            ? null
            : (answers) => readProbabilities({ path: probabilities, cwd, classes, note: this.note }, answers),
        state,
        stateName: flags.state ?? null,
        settle: flags.settle,
        force: flags.force,
      });
      view.stage('looking at the workers');
      const { consensus } = result;
      const labels = labelsOf(consensus, reviewBelow);
      const workers = reportWorkers(consensus);
      const agreement = agreementOf(consensus.answers.index);
      const told = result.aggregator.name;
      const title = [...(state ? [flags.state!] : []), ...tables.map(({ name }) => name)].join(', ');
      const { honestySentences } = await import('../terminal/honesty-lines.js');
      const { shellWord } = await import('../terminal/format.js');
      const again = tables.map(({ name }) => name);
      const isFile = again.length > 0 && !sources.includes('-');
      const source = isFile ? [...again, ...readingWords(flags, argv)].map(shellWord).join(' ') : 'ANSWERS';
      const honesty = honestySentences(consensus, labels, told, source);
      const facts = {
        ...{ title, consensus, labels, workers, agreement, aggregator: told, reviewBelow, honesty, ...pick(result) },
        made: { date: today(), version: this.config.version },
      };
      const { readingJson, readingLines, readingNotes } = await import('../terminal/reading-view.js');
      facts.notes = [...readingNotes(tables), ...facts.notes];
      const { carriedBy } = await import('../answers/carried.js');
      const carried = carriedBy(consensus.answers, tables, state);

      view.stage('writing');
      const contents = await this.#contents(facts, carried);
      const outputs = places.map((place, at) => ({ ...place, ...contents.get(names[at] ?? 'html')! }));
      await writeOutputs(outputs, {
        inputs,
        advice: ADVICE,
        onNote: this.note,
        commit: (hashes) => {
          const written = names.map((name, at) => [name, hashes.get(places[at]!.path)] as const);
          kept?.save(newState(result, carried, state, written));
        },
      });
      view.close();

      const files = [
        ...outputs.map(({ name, what }) => [name, what] as const),
        ...(flags.state === undefined ? [] : [[flags.state, 'the state that the next call continues from'] as const]),
      ];
      if (json) await this.#printJson(facts, result, files, flags.proba, readingJson(tables));
      else {
        const { aggregateLines } = await import('../terminal/aggregate-view.js');
        this.print([...readingLines(tables), ...aggregateLines({ ...facts, files })]);
      }
    } finally {
      view.close();
      kept?.close();
    }
  }

  #share(text: string): number {
    const share = Number(text);
    if (text.trim() !== '' && share >= 0 && share <= 1) return share;
    return this.error(`--review-below wants a number from 0 to 1, not "${text}"`, { exit: 2 });
  }

  /** What may be written, by name. */
  async #contents(
    facts: import('../report/report.js').ReportFacts,
    carried: readonly CarriedColumn[],
  ): Promise<ReadonlyMap<string, Content>> {
    const { labelLines, probabilityLines, workerLines } = await import('../answers/csv-files.js');
    const { reportHtml } = await import('../report/report.js');
    const { consensus, labels, workers } = facts;
    return new Map<string, Content>([
      [
        'labels.csv',
        { what: 'one label per task, with its confidence', chunks: () => labelLines(consensus, labels, carried) },
      ],
      ['workers.csv', { what: 'how much each worker answered, and how well', chunks: () => workerLines(workers) }],
      ['proba.csv', { what: 'the probability of every class', chunks: () => probabilityLines(consensus, labels) }],
      ['html', { what: 'the report with charts', chunks: () => [reportHtml(facts)] }],
    ]);
  }

  async #printJson(
    facts: import('../report/report.js').ReportFacts,
    { aggregator, settled, badRows, taken }: Aggregated,
    files: readonly (readonly [string, string])[],
    probabilities: boolean,
    read: readonly unknown[],
  ): Promise<void> {
    const { agreementJson, honestyJson, inferredJson, jsonChunks, sizesJson } =
      await import('../answers/aggregate-json.js');
    const { consensus, labels, workers, agreement, notes, reviewBelow } = facts;
    const head = {
      ...sizesJson(consensus, badRows),
      aggregator,
      ...inferredJson(consensus),
      ...honestyJson(consensus, labels),
      settled,
      read,
      taken,
      notes,
      reviewBelow,
      needsReview: labels.needsReview.reduce((sum, flag) => sum + flag, 0),
      files: files.map(([file]) => file),
      agreement: agreementJson(agreement, consensus.answers.classes),
      workersReport: workers,
    };
    await this.printChunks(jsonChunks({ head, consensus, labels, probabilities }));
  }
}

/** The day of this call, at the place of the caller: the only clock that a report sees. */
function today(): string {
  const now = new Date();
  const part = (n: number): string => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}

const ADVICE = 'Name a folder with --out DIR (files in it are replaced), or move the file away.';

interface Content {
  readonly what: string;
  readonly chunks: () => Iterable<string>;
}

/** The state after this call. @param written Names of the files beside it, each with the hash that it is about to have. */
function newState(
  { consensus, aggregator, ledger, gold, settled }: Aggregated,
  columns: readonly CarriedColumn[],
  before: ConsensusState | null,
  written: readonly (readonly [string, string | undefined])[],
): ConsensusState {
  const { aggregator: snapshot, posterior } = consensus.snapshot();
  const wrote: Record<string, readonly string[]> = { ...before?.wrote };
  for (const [name, hash] of written) {
    if (hash === undefined) continue;
    const last = wrote[name]?.at(-1);
    if (last !== hash) wrote[name] = [...(last === undefined ? [] : [last]), hash];
  }
  // A task that was only ever skipped is in the ledger and has no label.
  const carried = columns.map(({ name, values }) => ({
    name,
    values: ledger.taskIds.map((task) => values[consensus.answers.taskNumber(task) ?? -1] ?? ''),
  }));
  const state = { aggregator, answers: ledger, gold, snapshot, posterior, settled, wrote };
  return carried.length > 0 ? { ...state, carried } : state;
}

function pick({ notes, badRows }: Aggregated): Pick<Aggregated, 'notes' | 'badRows'> {
  return { notes, badRows };
}
