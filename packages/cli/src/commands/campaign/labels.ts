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
    const { percent } = await import('../../terminal/format.js');
    await this.withCampaign(flags.dir, async (campaign) => {
      if (campaign.unread > 0) await campaign.step();
      const { labels, audit } = await campaign.csv();
      if (flags.out === undefined) {
        await this.printChunks([labels]);
        return;
      }
      await this.write(flags.out, () => [labels]);
      this.record({ type: 'labels', file: flags.out, tasks: campaign.desk.tasks.length, audit });
      const { audit: now } = await campaign.status();
      const proven =
        audit?.certified === true
          ? [
              `Certified: at most ${percent(audit.bound)} of the labels with needs_review=false were wrong before the audits.`,
            ]
          : now && now.phase !== 'end'
            ? ['Not certified: the audits are not over (quorate campaign status).']
            : [];
      this.print([`${flags.out}: ${labels.slice(0, labels.indexOf('\n'))}`, ...proven]);
    });
  }
}
