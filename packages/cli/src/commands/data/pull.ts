import { Args, Flags } from '@oclif/core';
import { QuorateError, nearest, type DataDeclaration } from '@quorate/core';
import { INTERRUPTED, listenForInterruption } from '../../interruption.js';
import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class DataPull extends QuorateCommand {
  static override summary = 'Download a published data set into the cache. A download that broke off goes on.';
  static override examples = [
    '<%= config.bin %> data pull amt-workers',
    '<%= config.bin %> data pull amt-workers --url https://mirror.example.org/amt',
  ];
  static override args = { name: Args.string({ description: 'Its name, as "data list" gives it.', required: true }) };
  static override flags = {
    config: configFlag,
    url: Flags.string({
      summary: 'Get the files below this address instead of the published one; checksums still hold.',
    }),
  };

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(DataPull);
    const { cacheDir, findPlugins, pullData } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { DownloadView } = await import('../../terminal/download-view.js');
    const { plugins } = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    const declaration = declared(
      plugins.flatMap(({ plugin }) => plugin.data ?? []),
      args.name,
    );
    const interruption = listenForInterruption(() => undefined);
    const view = new DownloadView(() => performance.now(), this.jsonEnabled());
    try {
      const files = await pullData(flags.url === undefined ? declaration : mirrored(declaration, flags.url), {
        cacheDir: cacheDir(process.env),
        onProgress: (received, total, file) => view.progress(file.path, received, total),
        signal: interruption.signal,
        onNote: this.note,
      });
      view.close();
      for (const { file, status } of files)
        this.print([`${status === 'present' ? 'already here' : 'downloaded'}: ${file}`]);
      return { name: declaration.name, files };
    } catch (thrown) {
      view.close();
      if (!interruption.signal.aborted) throw thrown;
      process.stderr.write('Interrupted. What came is kept; run the same command again to go on.\n');
      return this.exit(INTERRUPTED);
    } finally {
      interruption.release();
    }
  }
}

function declared(all: readonly DataDeclaration[], name: string): DataDeclaration {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name);
  const near = nearest(name, names);
  throw new QuorateError('DATA_UNAVAILABLE', {
    where: 'quorate data pull',
    expected: names.length > 0 ? `one of ${names.join(', ')}` : 'a plugin that declares data',
    got: `"${name}"`,
    fix: near === undefined ? '"quorate data list" says what there is.' : `Did you mean "${near}"?`,
  });
}

/** The same files and checksums, below another address. */
function mirrored(declaration: DataDeclaration, base: string): DataDeclaration {
  const stem = base.replace(/\/+$/, '');
  const address = (path: string): string => `${stem}/${path.split('/').map(encodeURIComponent).join('/')}`;
  return { ...declaration, files: declaration.files.map((file) => ({ ...file, url: address(file.path) })) };
}
