import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class ConfigSchema extends QuorateCommand {
  static override summary =
    'Print the JSON Schema of the configuration, with the options of every plugin that is here.';
  static override description =
    'Editors complete and check with it: name it in the first line of a YAML file, "# yaml-language-server: $schema=FILE".';
  static override flags = {
    config: configFlag,
    out: Flags.string({ char: 'o', summary: 'Write it to this file instead.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigSchema);
    const { Inputs, configSchema, findPlugins, writeOutputs } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { registry, file } = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    const schema = configSchema(registry);
    const text = JSON.stringify(schema, null, 2);
    if (flags.out === undefined) this.print([text]);
    else {
      const output = { path: resolve(flags.out), name: flags.out, chunks: () => [`${text}\n`], replaces: true };
      const inputs = new Inputs(file === null ? [] : [file]);
      await writeOutputs([output], { inputs, advice: '', onNote: this.note });
      this.print([`Wrote ${flags.out}.`]);
    }
    return schema;
  }
}
