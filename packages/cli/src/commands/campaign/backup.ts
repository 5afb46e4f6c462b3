import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import { CampaignCommand } from '../../campaign/campaign-command.js';

export default class CampaignBackup extends CampaignCommand {
  static override summary = 'Write the campaign as it is now to one file, also while a server has it open.';
  static override description =
    'Holds the journal, campaign.yaml and the data files of the folder up to 256 MB each; not the images that it shows.';
  static override examples = [
    '<%= config.bin %> campaign backup --out backup.db',
    '<%= config.bin %> campaign backup photos-campaign --out "backup-$(date +%F).db"',
  ];
  static override args = {
    dir: Args.string({ description: 'Folder of the campaign. Without it: this folder, or the only campaign in it.' }),
  };
  static override flags = {
    out: Flags.string({ char: 'o', summary: 'The file to write.', required: true }),
    force: Flags.boolean({ summary: 'Replace the file.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parse(CampaignBackup);
    const { backUpCampaign } = await import('@quorate/campaign');
    const out = resolve(process.cwd(), flags.out);
    if (existsSync(out) && !flags.force) {
      throw new QuorateError('OUTPUT_TAKEN', {
        where: flags.out,
        expected: 'a file that is not there yet',
        got: 'one that is: it may be an earlier backup',
        fix: 'Name another --out, or add --force to replace it.',
      });
    }
    const report = backUpCampaign(this.folder(args.dir), out);
    this.record({ type: 'backup', ...report });
    this.print([
      `${flags.out}: the journal, ${report.files.join(', ')}`,
      ...(report.leftOut.length > 0 ? [`Too large for it, keep them yourself: ${report.leftOut.join(', ')}`] : []),
      '',
      'To have it back:',
      `  quorate campaign restore ${flags.out} --out DIR`,
    ]);
  }
}
