import { relative, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { AnswersCommand, aggregatorFlag, goldColumnsFlag, inputFlags, seedFlag } from '../answers/answers-command.js';
import { readingWords } from '../answers/reading-flags.js';
import { GOLD_TASKS } from '../terminal/honesty-lines.js';

export default class Gold extends AnswersCommand {
  static override summary =
    'Draws tasks whose true label is worth finding out, so that confidence holds for this file.';
  static override description = [
    'Tasks are dealt evenly over the labels that they have now, random within, in random order. Write the true label of',
    'each into the column label, without looking at the labels that the crowd gave, and give the file to "aggregate --gold".',
    'Rows that you leave empty do not count. Tasks picked by hand, because they are clear or because they are hard, make',
    'confidence wrong, and nothing in a file can tell.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'gold ANSWERS... [--tasks N] [--out FILE] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> gold answers.csv --out gold.csv',
    '<%= config.bin %> gold answers.csv --gold gold.csv --tasks 100 --out more.csv',
  ];
  static override flags = {
    ...inputFlags,
    aggregator: aggregatorFlag,
    seed: seedFlag,
    tasks: Flags.integer({ min: 1, default: GOLD_TASKS, summary: 'How many.' }),
    gold: Flags.string({ helpValue: 'FILE', summary: 'Known labels: their tasks are not drawn again.' }),
    'gold-columns': goldColumnsFlag,
    out: Flags.string({ char: 'o', helpValue: 'FILE', summary: 'CSV file to write; without it standard output.' }),
    force: Flags.boolean({ summary: 'Replace the file, with any labels that are in it.' }),
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Gold);
    const { sources, aggregator: options, format } = this.inputWords(argv);
    const { Inputs, checkOutputs, csvField, writeOutputs } = await import('@quorate/host');
    const { drawGold, labelsOf } = await import('@quorate/consensus');
    const { makeRng } = await import('@quorate/core');
    const { aggregate } = await import('../answers/aggregate.js');
    const { goldLines } = await import('../terminal/gold-view.js');
    const inputs = new Inputs();
    for (const file of [...sources, flags.gold]) {
      if (file !== undefined && file !== '-') inputs.add(resolve(file), file);
    }
    const path = flags.out === undefined ? null : resolve(flags.out);
    const place = path === null ? [] : [{ path, name: relative(process.cwd(), path), replaces: flags.force }];
    checkOutputs(place, { inputs, advice: ADVICE });

    const { registry, file } = await this.found(flags.config);
    if (file !== null) inputs.add(file);
    const tables = await this.read(sources, registry, flags, format);
    const known = await this.gold(flags, registry, tables);
    const { consensus } = await aggregate({
      registry,
      tables,
      aggregator: flags.aggregator ?? null,
      options,
      seed: flags.seed ?? null,
      gold: known,
      probabilities: null,
      state: null,
      stateName: null,
      settle: true,
      force: false,
    });
    const { label } = labelsOf(consensus, 0);
    const seed = flags.seed ?? 0;
    const isKnown = (i: number): boolean => (consensus.gold?.[i] ?? -1) >= 0;
    const { taskIds, classes } = consensus.answers;
    const tasks = drawGold(label, flags.tasks, isKnown, makeRng(seed).fork('gold')).map((i) => taskIds[i]!);
    const csv = `task,label\n${tasks.map((id) => `${csvField(id)},\n`).join('')}`;
    if (path !== null) {
      const outputs = place.map((one) => ({ ...one, chunks: () => [csv] }));
      await writeOutputs(outputs, { inputs, advice: ADVICE, onNote: this.note });
    } else if (!this.jsonEnabled()) process.stdout.write(csv);
    if (!this.jsonEnabled()) {
      const lines = goldLines({
        tasks: tasks.length,
        asked: flags.tasks,
        of: taskIds.length,
        classes,
        seed,
        sources: [...sources, ...readingWords(flags, argv)],
        file: flags.out ?? null,
      });
      // The CSV has standard output for itself.
      if (path !== null) this.print(lines);
      else for (const line of lines) this.note(line);
    }
    return { tasks, classes, seed, file: flags.out ?? null };
  }
}

const ADVICE = 'Name another file: labels that somebody filled in would be lost. --force replaces it.';
