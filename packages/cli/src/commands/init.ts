import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateError, type PresetGroup, type Registry } from '@quorate/core';
import { CONFIG_FILE, SCHEMA_FILE, configTemplate, type InitChoices, type OwnData } from '../init-template.js';
import { INTERRUPTED } from '../interruption.js';
import { QuorateCommand } from '../quorate-command.js';

export default class Init extends QuorateCommand {
  static override summary = `Write a commented ${CONFIG_FILE} here, after a few questions or, with flags, without any.`;
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --labels photos.csv --features photos.npy',
    '<%= config.bin %> init --experiment imagenet_split_2 --simulation amt_structured_noise',
  ];
  static override flags = {
    experiment: Flags.string({ summary: 'What is labelled: a preset.' }),
    method: Flags.string({ summary: 'How labels are inferred: a preset.' }),
    simulation: Flags.string({ summary: 'Who answers: a preset.' }),
    seed: Flags.integer({ summary: 'Root of everything random.' }),
    labels: Flags.string({ helpValue: 'FILE', summary: 'Your own data: ids and, where they are known, labels.' }),
    features: Flags.string({ helpValue: 'FILE', summary: 'Features of your own data.', dependsOn: ['labels'] }),
    classes: Flags.string({
      helpValue: 'A,B,...',
      summary: 'Classes of your own data, where it has no labels.',
      dependsOn: ['labels'],
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Ask nothing; take the default for what no flag says.' }),
    force: Flags.boolean({ char: 'f', summary: 'Replace files that are there.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init);
    const { Inputs, checkOutputs, configSchema, defaultConfig, findPlugins, prepare, writeOutputs } =
      await import('@quorate/host');
    const { prepareRequest } = await import('../prepare-request.js');
    const checks = { inputs: new Inputs(), advice: '--force replaces it.' };
    const place = (name: string, replaces: boolean) => ({ path: resolve(name), name, replaces });
    const places = [place(CONFIG_FILE, flags.force), place(SCHEMA_FILE, true)] as const;
    checkOutputs(places, checks);
    const request = { ...prepareRequest({ words: [], config: undefined }), useFile: false };
    const { registry } = await findPlugins(request);
    const start = { ...defaultConfig, seed: 0, data: null };
    const given = Object.fromEntries(
      Object.entries({ ...flags }).filter(([key, value]) => Object.hasOwn(start, key) && value !== undefined),
    ) as Partial<InitChoices>;
    const own = flags.labels === undefined ? null : ownData(flags.labels, flags.features ?? null, flags.classes);
    const silent =
      flags.yes || this.jsonEnabled() || !process.stdin.isTTY || Object.keys(given).length > 0 || own !== null;
    const choices: InitChoices = silent
      ? { ...start, ...(own ? { ...forOwn(own), data: own } : {}), ...given }
      : await this.#ask(registry, start);

    // Refuses a name that is not there, with what is; nothing is written then.
    const { data, experiment, ...others } = choices;
    if (data) checkFiles(data);
    const words = Object.entries(data ? others : { experiment, ...others }).map(([key, value]) => `${key}=${value}`);
    await prepare({ ...request, overrides: [...words, ...(data ? dataWords(data) : [])] });
    const outputs = [
      { ...places[0], chunks: () => [configTemplate(choices)] },
      { ...places[1], chunks: () => [`${JSON.stringify(configSchema(registry), null, 2)}\n`] },
    ];
    await writeOutputs(outputs, { ...checks, onNote: this.note });
    this.print([
      `Wrote ${CONFIG_FILE}, and ${SCHEMA_FILE} for editors to complete and check it with.`,
      'Next: quorate run',
    ]);
    return { file: CONFIG_FILE, schema: SCHEMA_FILE, ...choices };
  }

  async #ask(registry: Registry, start: InitChoices): Promise<InitChoices> {
    const { cancel, intro, isCancel, select, text } = await import('@clack/prompts');
    const sure = <A>(answer: A): Exclude<A, symbol> => {
      if (!isCancel(answer)) return answer as Exclude<A, symbol>;
      cancel('Nothing was written.');
      return this.exit(INTERRUPTED);
    };
    const choose = async (group: PresetGroup, message: string): Promise<string | null> => {
      const presets = registry.presets(group).map(({ value }) => value);
      if (presets.length === 0) return null;
      const options = presets.map(({ name, summary }) => ({ value: name, label: name, hint: summary }));
      if (group === 'experiment')
        options.unshift({ value: OWN, label: 'my own data', hint: 'files of ids, labels, features' });
      const initialValue = start[group] ?? presets[0]!.name;
      return sure(await select({ message, options, initialValue, maxItems: 12 }));
    };
    intro('A new Quorate configuration');
    const experiment = await choose('experiment', 'What is to be labelled?');
    const data = experiment === OWN ? await this.#askForFiles(sure) : null;
    if (data) Object.assign(start, forOwn(data));
    const method = await choose('method', 'How are labels inferred?');
    const simulation = await choose('simulation', 'Who answers?');
    const seed = sure(
      await text({
        message: 'Seed of everything random?',
        initialValue: String(start.seed),
        validate: (value) => (/^-?\d+$/.test(value ?? '') ? undefined : 'A whole number, please.'),
      }),
    );
    return { experiment: data ? null : experiment, method, simulation, seed: Number(seed), data };
  }

  async #askForFiles(sure: <A>(answer: A) => Exclude<A, symbol>): Promise<OwnData> {
    const { text } = await import('@clack/prompts');
    const isThere = (path: string | undefined): string | undefined =>
      existsSync(path ?? '') ? undefined : 'There is no such file.';
    const labels = sure(
      await text({ message: 'File of ids and labels?', placeholder: 'labels.csv', validate: isThere }),
    );
    const features = sure(
      await text({
        message: 'File of features? Nothing for none.',
        placeholder: 'features.npy',
        defaultValue: '',
        validate: (path) => ((path ?? '') === '' ? undefined : isThere(path)),
      }),
    );
    const message = 'Classes, with commas? Nothing where the labels say them.';
    const classes = sure(await text({ message, placeholder: 'cat, dog', defaultValue: '' }));
    return ownData(labels, features === '' ? null : features, classes);
  }
}

/** In the list of experiments: none of them. */
const OWN = 'own';

function ownData(labels: string, features: string | null, classes: string | undefined): OwnData {
  const names = (classes ?? '').split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  return { labels, features, classes: given.length > 0 ? given : null };
}

/** What goes with own data: without features no learner, and without labels nobody to simulate. */
function forOwn({ features, classes }: OwnData): Partial<InitChoices> {
  return {
    experiment: null,
    ...(features === null ? { method: 'ds_model' } : {}),
    ...(classes === null ? {} : { simulation: 'none' }),
  };
}

function dataWords({ labels, features, classes }: OwnData): string[] {
  const text = (key: string, value: string): string => `${key}=${JSON.stringify(value)}`;
  return [
    'dataset.use=files',
    text('dataset.labels', labels),
    ...(features === null ? [] : [text('dataset.features', features)]),
    ...(classes === null ? [] : [`classes=${JSON.stringify(classes)}`]),
  ];
}

function checkFiles({ labels, features }: OwnData): void {
  for (const [flag, file] of [
    ['labels', labels],
    ['features', features],
  ] as const) {
    if (file === null || existsSync(file)) continue;
    throw new QuorateError('DATA_INVALID', {
      where: `--${flag}`,
      expected: 'a file that is there',
      got: `"${file}"`,
      fix: 'Correct the path; it is relative to this folder.',
    });
  }
}
