import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import type { Campaign, OpenCampaignOptions } from '@quorate/campaign';
import { AnswersCommand } from '../answers/answers-command.js';
import { builtinPlugins } from '../builtin-plugins.js';

export const dirFlag = Flags.string({
  char: 'd',
  summary: 'Folder of the campaign. Without it: this folder, or the only campaign in it.',
});

/** What the commands about a campaign share: finding it, opening it, saying where it is. */
export abstract class CampaignCommand extends AnswersCommand {
  protected folder(dir: string | undefined): string {
    const cwd = process.cwd();
    const has = (folder: string): boolean => existsSync(join(folder, 'campaign.yaml'));
    if (dir !== undefined) return resolve(cwd, dir);
    if (has(cwd)) return cwd;
    const below = readdirSync(cwd, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && has(join(cwd, entry.name)))
      .map(({ name }) => name);
    if (below.length === 1) return join(cwd, below[0]!);
    throw new QuorateError('RUN_FOLDER', {
      where: 'quorate campaign',
      expected: 'a campaign in this folder',
      got: below.length === 0 ? 'none' : `${below.length}: ${below.join(', ')}`,
      fix:
        below.length === 0
          ? 'Start one: quorate campaign start photos --classes cat,dog.'
          : `Say which: --dir ${below[0]!}.`,
    });
  }

  /** Opens the campaign, runs `work` with it, and closes it whatever happens. */
  protected async withCampaign<R>(
    dir: string | undefined,
    work: (campaign: Campaign) => Promise<R>,
    how: Pick<OpenCampaignOptions, 'openInference'> = {},
  ): Promise<R> {
    const { openCampaign } = await import('@quorate/campaign');
    const { StageView } = await import('../answers/stage-view.js');
    const folder = this.folder(dir);
    const view = new StageView(this.jsonEnabled());
    view.stage('opening the campaign');
    let campaign: Campaign;
    try {
      campaign = await openCampaign(folder, {
        ...how,
        builtins: builtinPlugins(),
        onNote: (message) => {
          // Here that is not news: labels are what people are asked for.
          if (this.jsonEnabled() || message.includes('no row has a label')) return;
          process.stderr.write(`${message}\n`);
        },
      });
    } finally {
      view.close();
    }
    try {
      return await work(campaign);
    } finally {
      await campaign.dispose();
    }
  }

  /** Writes a file whole, or to a device or pipe. Throws OUTPUT_TAKEN, WRITE_FAILED. */
  protected async write(name: string, chunks: () => Iterable<string | Uint8Array>, replaces = true): Promise<void> {
    const { Inputs, writeOutputs } = await import('@quorate/host');
    const output = { path: resolve(process.cwd(), name), name, chunks, replaces };
    const advice = 'Name another file, or add --force to replace it.';
    await writeOutputs([output], { inputs: new Inputs(), advice, onNote: () => undefined });
  }

  protected shown(path: string): string {
    return relative(process.cwd(), path) || '.';
  }

  /** ` --dir DIR` where the commands that are printed need it. */
  protected dirWords(folder: string): string {
    const cwd = process.cwd();
    if (folder === cwd) return '';
    try {
      if (this.folder(undefined) === folder) return '';
    } catch {
      // Several campaigns here, or none: say which.
    }
    return ` --dir ${this.shown(folder)}`;
  }

  protected record(record: Readonly<Record<string, unknown>>): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(record)}\n`);
  }
}
