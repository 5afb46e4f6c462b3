import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { PresetGroup, Registry } from '@quorate/core';
import { CONFIG_FILE, SCHEMA_FILE, configTemplate, type InitChoices } from '../init-template.js';
import { INTERRUPTED } from '../interruption.js';
import { QuorateCommand } from '../quorate-command.js';

export default class Init extends QuorateCommand {
  static override summary = `Write a commented ${CONFIG_FILE} here, after a few questions or, with flags, without any.`;
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --experiment imagenet_split_2 --simulation amt_structured_noise',
  ];
  static override flags = {
    experiment: Flags.string({ summary: 'What is labelled: a preset.' }),
    method: Flags.string({ summary: 'How labels are inferred: a preset.' }),
    simulation: Flags.string({ summary: 'Who answers: a preset.' }),
    seed: Flags.integer({ summary: 'Root of everything random.' }),
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
    const start = { ...defaultConfig, seed: 0 };
    const given = Object.fromEntries(
      Object.entries({ ...flags }).filter(([key, value]) => Object.hasOwn(start, key) && value !== undefined),
    ) as Partial<InitChoices>;
    const silent = flags.yes || this.jsonEnabled() || !process.stdin.isTTY || Object.keys(given).length > 0;
    const choices: InitChoices = silent ? { ...start, ...given } : await this.#ask(registry, start);

    // Refuses a name that is not there, with what is; nothing is written then.
    const overrides = Object.entries(choices).map(([key, value]) => `${key}=${value}`);
    await prepare({ ...request, overrides });
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
      const initialValue = start[group] ?? presets[0]!.name;
      return sure(await select({ message, options, initialValue, maxItems: 12 }));
    };
    intro('A new Quorate configuration');
    const experiment = await choose('experiment', 'What is to be labelled?');
    const method = await choose('method', 'How are labels inferred?');
    const simulation = await choose('simulation', 'Who answers?');
    const seed = sure(
      await text({
        message: 'Seed of everything random?',
        initialValue: String(start.seed),
        validate: (value) => (/^-?\d+$/.test(value ?? '') ? undefined : 'A whole number, please.'),
      }),
    );
    return { experiment, method, simulation, seed: Number(seed) };
  }
}
