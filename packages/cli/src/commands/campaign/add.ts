import { Flags } from '@oclif/core';
import { inputFlags } from '../../answers/answers-command.js';
import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

export default class CampaignAdd extends CampaignCommand {
  static override summary = 'Take answers from files into the campaign, and say what is known now.';
  static override description = [
    'Files may be of any format that a plugin knows. The same file, or a longer export that holds it, adds only what is',
    'new; late answers, answers nobody asked for and workers never seen are welcome. Of several answers of one worker to',
    'one task the last counts. Where anything is wrong with a file nothing of it is stored.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'campaign add ANSWERS... [format.OPTION=VALUE ...] [--dir DIR]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> campaign add batch.csv',
    '<%= config.bin %> campaign add export.json --skip-unknown',
    '<%= config.bin %> campaign add checked.csv --audits',
  ];
  static override flags = {
    ...inputFlags,
    dir: dirFlag,
    audits: Flags.boolean({
      summary: 'Whoever answered is an auditor: the answers audit labels that were drawn (campaign next --audits).',
    }),
    'skip-unknown': Flags.boolean({
      summary: 'Leave out answers about tasks or with labels that are not of this campaign.',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CampaignAdd);
    const { sources, format } = this.inputWords(argv);
    const folder = this.folder(flags.dir);
    const tables = await this.read(sources, (await this.found(flags.config)).registry, flags, format);
    const { addAnswers, fingerprint } = await import('@quorate/campaign');
    const { addedLines, statusLines } = await import('../../campaign/status-view.js');
    await this.withCampaign(folder, async (campaign) => {
      const skipUnknown = flags['skip-unknown'];
      const reports = [];
      for (const { name, table } of tables) {
        reports.push(
          await addAnswers(campaign, { table, name, hash: fingerprint(table), skipUnknown, audits: flags.audits }),
        );
      }
      if (campaign.unread > 0) await campaign.step();
      const status = await campaign.status();
      for (const report of reports) this.record({ type: 'added', ...report });
      this.record({ type: 'status', ...status });
      this.print([...reports.flatMap(addedLines), '', ...statusLines(status)]);
    });
  }
}
