import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { DemoTruth } from '../campaign/demo.js';
import { CampaignCommand } from '../campaign/campaign-command.js';
import { listenForInterruption } from '../interruption.js';

export default class Serve extends CampaignCommand {
  static override summary = 'Serve a campaign: a page on which people label, and one for you.';
  static override description = [
    'Prints two links: yours, for one browser, and one for workers. Open yours, label, or invite others. Everything that',
    'is shown as saved is on the disk; Ctrl-C or SIGTERM ends the server in order, and the same command goes on.',
    'With --demo it makes a campaign over handwritten digits (in DIR, or quorate-demo), and simulated colleagues answer beside',
    'you. Beyond this machine it needs a proxy that speaks HTTPS (--behind-proxy).',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> serve photos-campaign',
    '<%= config.bin %> serve --demo',
    '<%= config.bin %> serve photos-campaign --host 0.0.0.0 --behind-proxy --json',
  ];
  static override args = {
    dir: Args.string({ description: 'Folder of the campaign. Without it: this folder, or the only campaign in it.' }),
  };
  static override flags = {
    demo: Flags.boolean({ summary: 'A campaign over handwritten digits, with simulated colleagues beside you.' }),
    host: Flags.string({ default: '127.0.0.1', summary: 'Address to listen on.' }),
    port: Flags.integer({ default: 8231, min: 0, max: 65_535, summary: 'Port to listen on; 0: any free one.' }),
    'behind-proxy': Flags.boolean({ summary: 'A proxy in front speaks HTTPS: cookies are for HTTPS only.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Serve);
    const { serveCampaign } = await import('@quorate/server');
    const log = (record: Readonly<Record<string, unknown>>): void => {
      if (this.jsonEnabled()) this.record(record);
      else if (record['error'] !== undefined) process.stderr.write(`${JSON.stringify(record)}\n`);
    };
    const { ThreadInference } = await import('@quorate/campaign');
    const folder = flags.demo ? resolve(process.cwd(), args.dir ?? 'quorate-demo') : args.dir;
    const truth = flags.demo ? await this.#demo(folder!) : null;
    await this.withCampaign(
      folder,
      async (campaign) => {
        const { host, port, 'behind-proxy': behindProxy } = flags;
        const serving = await serveCampaign({ campaign, host, port, behindProxy, onError: log });
        const ended = new Promise<void>((done) => {
          const interruption = listenForInterruption(() => done());
          campaign.once('closed', () => interruption.release());
        });
        const [admin, workers] = [await serving.adminLink(), await serving.workerLink(1000)];
        this.record({ type: 'serving', url: serving.url, admin, workers });
        this.print([
          `${campaign.settings.title}: ${campaign.desk.tasks.length} tasks, ${campaign.desk.index.live} answers so far`,
          '',
          `you      ${admin}`,
          `workers  ${workers}`,
          '',
          ...(truth ? ['Six simulated colleagues answer beside you.'] : []),
          'Ctrl-C ends it; nothing is lost.',
        ]);
        const closing = new AbortController();
        const beside = truth ? (await import('../campaign/demo.js')).workBeside(campaign, truth, closing.signal) : null;
        campaign.on('note', (note) => log({ type: 'note', error: note }));
        if (this.jsonEnabled()) campaign.on('step', (step) => this.record({ type: 'step', ...step }));
        await ended;
        closing.abort();
        await beside;
        await serving.close();
        this.print(['', 'Closed.']);
      },
      { openInference: ThreadInference.open },
    );
  }

  async #demo(folder: string): Promise<DemoTruth> {
    const { makeDemo } = await import('../campaign/demo.js');
    const { StageView } = await import('../answers/stage-view.js');
    const view = new StageView(this.jsonEnabled());
    view.stage('making the demo');
    try {
      return await makeDemo(folder, () => undefined);
    } finally {
      view.close();
    }
  }
}
