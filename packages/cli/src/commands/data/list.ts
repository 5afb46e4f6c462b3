import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class DataList extends QuorateCommand {
  static override summary = 'List the published data sets that the plugins can read, and whether they are here.';
  static override flags = { config: configFlag };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(DataList);
    const { createFiles, dataStatus, findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { totalSize } = await import('../../terminal/catalogue.js');
    const { wrap } = await import('../../terminal/format.js');
    const { plugins, baseDir } = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    const files = createFiles({ cwd: process.cwd(), baseDir, env: process.env, onNote: () => undefined });
    const status = dataStatus(
      plugins.flatMap(({ plugin }) => plugin.data ?? []),
      files,
    );
    if (status.length === 0) this.print(['No plugin that is here reads published data.']);
    for (const { declaration, complete, files: there } of status) {
      const { name, summary, licence } = declaration;
      const missing = there.filter(({ file }) => file === null).length;
      this.print([
        `${name}  (${totalSize(there)})`,
        ...wrap(summary, 78).map((line) => `  ${line}`),
        `  licence: ${licence}`,
        complete
          ? `  here: ${there[0]?.file ?? ''}`
          : `  ${missing} of ${there.length} files missing: quorate data pull ${name}`,
        '',
      ]);
    }
    return {
      data: status.map(({ declaration: { name, summary, licence }, complete, files: there }) => {
        return { name, summary, licence, complete, files: there };
      }),
    };
  }
}
