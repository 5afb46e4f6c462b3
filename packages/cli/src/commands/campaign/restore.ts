import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { CampaignCommand } from '../../campaign/campaign-command.js';

export default class CampaignRestore extends CampaignCommand {
  static override summary = 'Make a campaign out of a backup.';
  static override examples = ['<%= config.bin %> campaign restore backup.db --out photos-campaign'];
  static override args = {
    file: Args.string({ description: 'The file that "quorate campaign backup" wrote.', required: true }),
  };
  static override flags = {
    out: Flags.string({ char: 'o', summary: 'Folder to make; empty, or not there yet.', required: true }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parse(CampaignRestore);
    const { restoreCampaign } = await import('@quorate/campaign');
    const { plural } = await import('../../terminal/format.js');
    const cwd = process.cwd();
    const restored = restoreCampaign(resolve(cwd, args.file), resolve(cwd, flags.out));
    this.record({ type: 'restore', folder: resolve(cwd, flags.out), ...restored });
    this.print([
      `${flags.out}: ${plural(restored.answers, 'answer')}, ${restored.files.join(', ')}`,
      'Images are shown from the folder that "source" in campaign.yaml names: correct it where it is elsewhere now.',
    ]);
  }
}
