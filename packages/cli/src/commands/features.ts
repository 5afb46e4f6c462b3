import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import type { FeatureJob, FeatureResult, Subjects } from '@quorate/extract';
import { INTERRUPTED, breathe, listenForInterruption } from '../interruption.js';
import { QuorateCommand, configFlag } from '../quorate-command.js';

const clock = (): number => performance.now();

export default class Features extends QuorateCommand {
  static override summary = 'Turn a folder of images, or the texts of a CSV file, into features for a run.';
  static override description = [
    'Through an ONNX model that you name, or as histograms of gradients without any model. Words of the form',
    'features.option=value set options of the extractor. Beside FILE.npy come FILE.csv (ids and labels of the rows, in',
    'their order) and FILE.json (what the rows are made of). Every batch is on the disk before the next: after Ctrl-C or',
    'a crash --resume goes on.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct, 130 interrupted.',
  ].join(' ');
  static override usage = 'features SOURCE [features.OPTION=VALUE ...] [--out FILE.npy] [--resume] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> features photos',
    '<%= config.bin %> features photos --labels-from-folders features.model=resnet50.onnx features.size=224',
    '<%= config.bin %> features reviews.csv --text-column review features.model=encoder/model.onnx',
    '<%= config.bin %> features photos features.model=resnet50.onnx --resume',
  ];
  static override flags = {
    config: configFlag,
    out: Flags.string({ char: 'o', summary: 'The .npy file to write.', default: 'features.npy' }),
    extractor: Flags.string({
      summary: 'onnx_image, onnx_text, gradient_histogram or one of a plugin. Without it: by what is given.',
    }),
    resume: Flags.boolean({ char: 'r', summary: 'Continue what is there, to the same bytes.' }),
    'skip-bad': Flags.boolean({ summary: 'Leave out what cannot be read, and list it, instead of stopping.' }),
    'labels-from-folders': Flags.boolean({
      summary: 'The label of an image is the first folder below SOURCE it is in.',
    }),
    'id-column': Flags.string({ summary: 'Column of a CSV file with the ids. Without it: id, else numbers.' }),
    'text-column': Flags.string({ summary: 'Column of a CSV file with the texts. Without it: text.' }),
    'image-column': Flags.string({ summary: 'Column of a CSV file with paths of images, relative to the file.' }),
    'label-column': Flags.string({ summary: 'Column of a CSV file with the labels. Without it: label, where it is.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Features);
    const given = this.words(argv);
    const words = given.filter((word) => /^[a-z]\w*(\.\w+)*=/i.test(word));
    const source = onlySource(given.filter((word) => !words.includes(word)));
    const out = npyFile(flags.out);
    const { FeaturesView, resumeCommand } = await import('../terminal/features-view.js');
    const view = new FeaturesView(clock, this.jsonEnabled());
    let job: FeatureJob | undefined;
    const interruption = listenForInterruption(() => {
      if (job) return view.note('Stopping after this batch; Ctrl-C again stops at once.');
      view.close();
      process.stderr.write('Interrupted before the first batch of this process; nothing is lost.\n');
      process.exit(INTERRUPTED);
    });
    process.stdout.on('error', () => interruption.abort());
    try {
      const { findSubjects, openFeatures, prepareFeatures } = await import('@quorate/extract');
      const { prepareRequest } = await import('../prepare-request.js');
      const cwd = process.cwd();
      const subjects = await findSubjects({
        name: source,
        path: resolve(cwd, source),
        labelsFromFolders: flags['labels-from-folders'],
        columns: {
          id: flags['id-column'] ?? null,
          text: flags['text-column'] ?? null,
          image: flags['image-column'] ?? null,
          label: flags['label-column'] ?? null,
        },
      });
      for (const note of subjects.notes) view.note(note);
      const request = prepareRequest({ words, config: flags.config });
      const prepared = await prepareFeatures(request, subjects.kind, flags.extractor ?? null);
      const onNote = (message: string): void => view.note(message);
      const shared = { resume: flags.resume, skipBad: flags['skip-bad'], cwd, env: process.env, onNote };
      job = await openFeatures({ prepared, subjects, out: resolve(cwd, out), ...shared });
      this.#began(job, subjects);
      const result = await this.#follow(job, subjects, view, interruption.signal);
      view.close();
      if (result.stopped === 'done') await this.#finished(job, subjects, result, out);
      else this.#interrupted(job, resumeCommand(this.argv));
    } finally {
      view.close();
      interruption.release();
      await job?.dispose();
    }
  }

  #record(record: Readonly<Record<string, unknown>>): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(record)}\n`);
  }

  #began({ extractor, total, progress: { done }, part }: FeatureJob, { name, kind }: Subjects): void {
    const record = { type: 'start', source: name, kind, extractor, total, done, batchSize: part.batchSize };
    this.#record(record);
    const before = done > 0 ? `, ${done} are done already` : '';
    this.print([`${name}: ${total} ${kind}s through ${extractor}${before}`]);
  }

  async #follow(
    job: FeatureJob,
    { kind }: Subjects,
    view: { progress(done: number, total: number, what: string): void },
    signal: AbortSignal,
  ): Promise<FeatureResult> {
    view.progress(job.progress.done, job.total, `${kind}s`);
    const batches = job.batches(signal);
    for (;;) {
      const next = await batches.next();
      if (next.done) return next.value;
      this.#record({ type: 'progress', ...next.value, total: job.total });
      view.progress(next.value.done, job.total, `${kind}s`);
      await breathe();
    }
  }

  #interrupted({ progress, total }: FeatureJob, resume: string): void {
    this.#record({ type: 'end', stopped: 'interrupted', ...progress, total, resume });
    process.stderr.write(`Interrupted; ${progress.done} of ${total} are done and saved. To go on:\n  ${resume}\n`);
    process.exitCode = INTERRUPTED;
  }

  async #finished(job: FeatureJob, subjects: Subjects, result: FeatureResult, out: string): Promise<void> {
    const { display } = await import('@quorate/host');
    const { count, plural, shellWord } = await import('../terminal/format.js');
    const { files } = job.output;
    const [features, labels, record] = [
      out,
      ...[files.labels, files.record].map((file) => display(file, process.cwd())),
    ];
    const { runWords } = await import('../features-run.js');
    const without = new Set(result.leftOut);
    const rowLabels = subjects.labels?.filter((_, at) => !without.has(subjects.ids[at]!)) ?? null;
    const labelled = rowLabels !== null;
    const simulated = new Set(rowLabels).size >= 2;
    const run = ['quorate', ...runWords(features, labels!, rowLabels)].map(shellWord).join(' ');
    const { rows, columns, leftOut } = result;
    this.#record({ type: 'end', stopped: 'done', rows, columns, features, labels, record, labelled, leftOut, run });
    this.print([
      '',
      `${features}  ${plural(rows, 'row')} of ${count(columns!)} features`,
      `${labels}  their ids${labelled ? ' and labels' : ', without labels'}`,
      `${record}  what they are made of`,
      ...(leftOut.length > 0 ? ['', `Left out, ${count(leftOut.length)} of ${count(job.total)}:`] : []),
      ...leftOut.map((id) => `  ${id}`),
      '',
      ...(simulated ? ['To use them:', `  ${run}`] : unlabelledLines(run, shellWord(subjects.name))),
    ]);
  }
}

/** What can be done with features of tasks without labels. */
function unlabelledLines(run: string, source: string): string[] {
  return [
    'To have people label them:',
    `  quorate campaign start ${source} --classes yes,no`,
    '',
    'Nothing is known of them yet. A file labels.csv (id,label) of a few rows of each',
    'class makes these prototypes: with dataset.prototypes=labels.csv in place of',
    'classes=... the command labels all other rows from them. Name your classes in:',
    `  ${run}`,
  ];
}

function onlySource(words: readonly string[]): string {
  const [source, ...more] = words;
  if (source !== undefined && more.length === 0) return source;
  throw new QuorateError('CONFIG_INVALID', {
    where: 'quorate features',
    expected: 'one folder of images or one CSV file',
    got: source === undefined ? 'none' : words.map((word) => `"${word}"`).join(', '),
    fix: 'Write: quorate features photos features.option=value ...',
  });
}

function npyFile(out: string): string {
  if (/[^/\\]\.npy$/i.test(out)) return out;
  throw new QuorateError('CONFIG_INVALID', {
    where: '--out',
    expected: 'the name of a file that ends in .npy',
    got: `"${out}"`,
    fix: 'Write for instance --out features.npy.',
  });
}
