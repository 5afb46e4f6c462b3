import { join, relative, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import { CampaignCommand } from '../../campaign/campaign-command.js';
import { INTERRUPTED, listenForInterruption } from '../../interruption.js';

export default class CampaignStart extends CampaignCommand {
  static override summary =
    'Start a campaign: people label the images of a folder, or the texts or images of a CSV file.';
  static override description = [
    'Makes a folder with campaign.yaml (what you may change), features of the images, and the journal of the answers.',
    'Words of the form key=value set any key of the configuration (budget=1000, method=..., features.model=enc.onnx).',
    'Given the folder of a campaign again, with new images or rows in SOURCE, those are added to it.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct, 130 interrupted.',
  ].join(' ');
  static override usage = 'campaign start SOURCE --classes A,B,... [KEY=VALUE ...] [--out DIR]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> campaign start photos --classes cat,dog,neither',
    '<%= config.bin %> campaign start reviews.csv --classes good,bad --text-column review',
    '<%= config.bin %> campaign start urls.csv --classes cat,dog --image-column url',
  ];
  static override flags = {
    out: Flags.string({ char: 'o', summary: 'Folder of the campaign. Without it: <name of SOURCE>-campaign.' }),
    classes: Flags.string({ summary: 'Names of the classes: cat,dog, or a JSON list.' }),
    title: Flags.string({ summary: 'What people see above the tasks.' }),
    question: Flags.string({ summary: 'What they are asked.' }),
    'answers-per-task': Flags.integer({ min: 1, summary: 'Most answers to one task (default: 3).' }),
    gold: Flags.string({ summary: 'Known labels (task,label), one in 20 questions, to measure people by.' }),
    features: Flags.boolean({
      default: true,
      allowNo: true,
      summary: 'Make features of the images, which save most of the answers. --no-features: from answers alone.',
    }),
    'skip-bad': Flags.boolean({ summary: 'Leave out images that cannot be read, instead of stopping.' }),
    'id-column': Flags.string({ summary: 'Column of a CSV file with the ids. Without it: id, else numbers.' }),
    'text-column': Flags.string({ summary: 'Column of a CSV file with the texts. Without it: text.' }),
    'image-column': Flags.string({ summary: 'Column of a CSV file with paths or URLs of images.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CampaignStart);
    const given = this.words(argv);
    const words = given.filter((word) => /^[a-z]\w*(\.\w+)*=/i.test(word));
    const [source, ...more] = given.filter((word) => !words.includes(word));
    if (source === undefined || more.length > 0) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'quorate campaign start',
        expected: 'one folder of images or one CSV file',
        got: source === undefined ? 'none' : `${more.length + 1}`,
        fix: 'Write: quorate campaign start photos --classes cat,dog.',
      });
    }
    const { classesOf, defaultFolder, makeFeatures, readSource, treeOf } = await import('../../campaign/start.js');
    const { addToCampaign, checkAllThere, createCampaign, isCampaign, readSettings } =
      await import('@quorate/campaign');
    const { Inputs, makeFolder, replaceFile } = await import('@quorate/host');
    const { FeaturesView } = await import('../../terminal/features-view.js');
    const { plural, shellWord } = await import('../../terminal/format.js');
    const cwd = process.cwd();
    const folder = flags.out === undefined ? defaultFolder(source, cwd) : resolve(cwd, flags.out);
    const there = isCampaign(folder);
    const classes = there ? [] : classesOf(flags.classes);
    const view = new FeaturesView(() => performance.now(), this.jsonEnabled());
    const interruption = listenForInterruption(() => view.note('Stopping after this batch.'));
    try {
      const columns = {
        id: flags['id-column'] ?? null,
        text: flags['text-column'] ?? null,
        image: flags['image-column'] ?? null,
      };
      const {
        subjects,
        tasks: all,
        root,
        images,
      } = await readSource({ source, cwd, columns, note: (text) => view.note(text) });
      if (there) checkAllThere(folder, new Set(all.map(({ id }) => id)));
      makeFolder(folder);
      const featureWords = words.filter((word) => word.startsWith('features.'));
      const wanted = there
        ? (readSettings(folder).run['dataset'] as { features?: string | null } | undefined)?.features != null
        : flags.features && (images || featureWords.length > 0);
      let leftOut: readonly string[] = [];
      if (wanted) {
        const shared = { subjects, folder, words: featureWords, cwd, skipBad: flags['skip-bad'] };
        const made = await makeFeatures({
          ...shared,
          note: (text) => view.note(text),
          progress: (done, total) => view.progress(done, total, `${subjects.kind}s`),
          signal: interruption.signal,
        });
        if (made === 'interrupted') {
          process.stderr.write('Interrupted; what is done is saved. The same command goes on.\n');
          process.exitCode = INTERRUPTED;
          return;
        }
        leftOut = made;
      }
      view.close();
      const without = new Set(leftOut);
      const tasks = all.filter(({ id }) => !without.has(id));
      const { csvField } = await import('@quorate/host');
      const list = `id\n${tasks.map(({ id }) => `${csvField(id)}\n`).join('')}`;
      const shownFolder = this.shown(folder);
      if (there) {
        const added = addToCampaign(folder, tasks, Date.now());
        replaceFile(join(folder, 'tasks.csv'), list, new Inputs());
        this.record({ type: 'campaign', folder, tasks: tasks.length, added, leftOut });
        this.print([`${shownFolder}: ${plural(added, 'new task')}, ${plural(tasks.length, 'task')} in all.`]);
        return;
      }
      const gold = await this.#gold(flags.gold, classes);
      replaceFile(join(folder, 'tasks.csv'), list, new Inputs());
      const dataset = { use: 'files', labels: 'tasks.csv', ...(wanted ? { features: 'features.npy' } : {}) };
      const method = wanted ? { method: 'quorate' } : { method: 'quorate', learner: { use: 'none' } };
      const run = { classes, dataset, ...method, ...treeOf(words.filter((word) => !featureWords.includes(word))) };
      createCampaign({
        folder,
        settings: {
          ...(flags.title === undefined ? {} : { title: flags.title }),
          ...(flags.question === undefined ? {} : { question: flags.question }),
          ...(flags['answers-per-task'] === undefined ? {} : { answersPerTask: flags['answers-per-task'] }),
          ...(gold.size > 0 ? { goldEvery: 20 } : {}),
          source: relative(folder, root) || '.',
          run,
        },
        tasks,
        gold,
        now: Date.now(),
      });
      const dir = this.dirWords(folder);
      this.record({
        type: 'campaign',
        folder,
        tasks: tasks.length,
        added: tasks.length,
        classes,
        features: wanted,
        leftOut,
      });
      this.print([
        `${shownFolder}: ${plural(tasks.length, 'task')}, classes ${classes.join(', ')}${wanted ? '' : ', no features'}`,
        ...(leftOut.length > 0 ? [`Left out, since they cannot be read: ${leftOut.join(', ')}`] : []),
        '',
        'Label by hand, in the browser:',
        `  quorate serve ${shellWord(shownFolder)}`,
        'Or by file, with any tool:',
        `  quorate campaign next --people 3 --out batch.csv${dir}`,
        `  quorate campaign add batch.csv${dir}`,
        `  quorate campaign labels --out labels.csv${dir}`,
      ]);
    } finally {
      view.close();
      interruption.release();
    }
  }

  async #gold(file: string | undefined, classes: readonly unknown[]): Promise<ReadonlyMap<string, number>> {
    if (file === undefined) return new Map();
    const { readGold } = await import('@quorate/consensus');
    const loaded = (await this.found(undefined)).registry;
    const labels = await readGold({
      source: file,
      format: null,
      options: {},
      skipBadRows: false,
      loaded,
      cwd: process.cwd(),
    });
    const classOf = new Map(classes.map((label, k) => [String(label), k]));
    return new Map(
      [...labels].map(([task, label]) => {
        const k = classOf.get(String(label));
        if (k !== undefined) return [task, k] as const;
        throw new QuorateError('ANSWERS_INVALID', {
          where: `${file}`,
          expected: `one of the classes (${classes.join(', ')})`,
          got: `"${String(label)}" for the task "${task}"`,
          fix: 'Correct the label, or add the class to --classes.',
        });
      }),
    );
  }
}
