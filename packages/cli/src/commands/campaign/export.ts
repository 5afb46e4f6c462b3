import { Flags } from '@oclif/core';
import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

export default class CampaignExport extends CampaignCommand {
  static override summary = 'Every answer of the journal as CSV, also while a server has the campaign open.';
  static override examples = ['<%= config.bin %> campaign export --out annotations.csv'];
  static override flags = {
    dir: dirFlag,
    out: Flags.string({ char: 'o', summary: 'The file to write. Without it: standard output.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CampaignExport);
    const { annotationLines, databaseFile, readSettings } = await import('@quorate/campaign');
    const folder = this.folder(flags.dir);
    readSettings(folder);
    const lines = annotationLines(databaseFile(folder));
    if (flags.out === undefined) return this.printChunks(lines);
    await this.write(flags.out, () => lines);
    this.record({ type: 'export', file: flags.out });
    this.print([`${flags.out}: task,worker,label,time,seconds,late,kind`]);
  }
}
