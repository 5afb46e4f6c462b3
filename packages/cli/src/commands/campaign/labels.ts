import { Flags } from '@oclif/core';
import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

export default class CampaignLabels extends CampaignCommand {
  static override summary = 'The label of every task with its confidence, at any time.';
  static override examples = [
    '<%= config.bin %> campaign labels --out labels.csv',
    '<%= config.bin %> campaign labels > labels.csv',
  ];
  static override flags = {
    dir: dirFlag,
    out: Flags.string({ char: 'o', summary: 'The file to write. Without it: standard output.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CampaignLabels);
    await this.withCampaign(flags.dir, async (campaign) => {
      if (campaign.unread > 0) await campaign.step();
      const { labels } = await campaign.csv();
      if (flags.out === undefined) {
        await this.printChunks([labels]);
        return;
      }
      await this.write(flags.out, () => [labels]);
      this.record({ type: 'labels', file: flags.out, tasks: campaign.desk.tasks.length });
      this.print([`${flags.out}: task,label,confidence,annotations,valid`]);
    });
  }
}
