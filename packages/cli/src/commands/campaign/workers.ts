import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

export default class CampaignWorkers extends CampaignCommand {
  static override summary = 'Who has answered how much, and how well.';
  static override examples = ['<%= config.bin %> campaign workers'];
  static override flags = { dir: dirFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(CampaignWorkers);
    const { workersTable } = await import('../../campaign/status-view.js');
    await this.withCampaign(flags.dir, async (campaign) => {
      if (campaign.unread > 0) await campaign.step();
      const { workers } = await campaign.status();
      if (this.jsonEnabled()) this.logJson({ workers });
      else this.print(workersTable(workers));
    });
  }
}
