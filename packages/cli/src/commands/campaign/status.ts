import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

export default class CampaignStatus extends CampaignCommand {
  static override summary = 'What the campaign knows, what it has cost, and what is left.';
  static override examples = ['<%= config.bin %> campaign status', '<%= config.bin %> campaign status --json'];
  static override flags = { dir: dirFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(CampaignStatus);
    const { statusLines } = await import('../../campaign/status-view.js');
    await this.withCampaign(flags.dir, async (campaign) => {
      if (campaign.unread > 0) await campaign.step();
      const status = await campaign.status();
      if (this.jsonEnabled()) this.logJson(status);
      else this.print(statusLines(status));
    });
  }
}
