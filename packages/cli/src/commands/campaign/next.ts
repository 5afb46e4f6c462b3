import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Campaign } from '@quorate/campaign';
import { QuorateError } from '@quorate/core';
import { CampaignCommand, dirFlag } from '../../campaign/campaign-command.js';

const formats = ['csv', 'xlsx', 'jsonl', 'label_studio', 'mturk', 'prodigy'] as const;

export default class CampaignNext extends CampaignCommand {
  static override summary = 'Write the questions that matter most now, for people who answer in another tool.';
  static override description = [
    'What is out is remembered: two batches do not overlap more than `overlap` in campaign.yaml allows, until the answers',
    'are in or `batchDays` have passed. Answers come back with "quorate campaign add".',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> campaign next --people 12 --per-person 40 --out batch.json --format label_studio',
    '<%= config.bin %> campaign next --worker ann --worker bob --out batch.csv',
    '<%= config.bin %> campaign next --audits 40 --worker expert --out audits.csv',
    '<%= config.bin %> campaign next --people 100 --format mturk --image-url https://example.org/photos --out hits.csv',
  ];
  static override flags = {
    dir: dirFlag,
    out: Flags.string({ char: 'o', summary: 'The file to write.', required: true }),
    people: Flags.integer({
      min: 1,
      summary: 'How many people; they are called person-1, person-2, ...',
      exclusive: ['worker'],
    }),
    worker: Flags.string({ multiple: true, summary: 'Name of a worker, once for each.' }),
    audits: Flags.integer({
      min: 1,
      summary:
        'Instead of questions: so many labels for an expert to check, drawn at random (with a stop rule that audits).',
      exclusive: ['people'],
    }),
    'per-person': Flags.integer({ min: 1, default: 50, summary: 'Most questions of one person.' }),
    format: Flags.string({ options: [...formats], summary: 'Format. Without it: by the ending of the file.' }),
    'image-url': Flags.string({ summary: 'Where the images can be seen on the web; put before their path.' }),
    force: Flags.boolean({ summary: 'Replace the file.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CampaignNext);
    const { batchBytes, formatOfFile, labelStudioConfig, newBatch } = await import('@quorate/campaign');
    const { plural } = await import('../../terminal/format.js');
    const out = resolve(process.cwd(), flags.out);
    const format = (flags.format as (typeof formats)[number] | undefined) ?? formatOfFile(out);
    if (format === undefined) {
      throw new QuorateError('CONFIG_INVALID', {
        where: '--out',
        expected: 'a name that ends in .csv, .xlsx, .jsonl or .json (Label Studio)',
        got: `"${flags.out}"`,
        fix: `Say the format: --format ${formats.join(' | ')}.`,
      });
    }
    if (existsSync(out) && !flags.force) {
      throw new QuorateError('OUTPUT_TAKEN', {
        where: flags.out,
        expected: 'a file that is not there yet',
        got: 'one that is: it may hold answers',
        fix: 'Name another --out, or add --force to replace it.',
      });
    }
    await this.withCampaign(flags.dir, async (campaign) => {
      const { audits } = flags;
      const unnamed = audits ? ['auditor'] : Array.from({ length: flags.people ?? 1 }, (_, x) => `person-${x + 1}`);
      const names = flags.worker ?? unnamed;
      const batch = newBatch();
      const people = [];
      for (const [x, worker] of names.entries()) {
        const share = audits ? Math.floor((audits + x) / names.length) : flags['per-person'];
        people.push({ worker, questions: await campaign.batch(worker, share, batch, audits ? 'auditor' : 'worker') });
      }
      const total = people.reduce((sum, { questions }) => sum + questions.length, 0);
      if (total === 0) {
        const { why, lines } = nothingToAsk(campaign, audits !== undefined);
        this.record({ type: 'batch', file: null, questions: 0, people: 0, why });
        this.print(lines);
        return;
      }
      const { classes, settings } = campaign;
      const imageUrl = flags['image-url'] ?? null;
      const request = { people, classes, question: settings.question, batch, imageUrl };
      const bytes = await batchBytes(format, request);
      await this.write(flags.out, () => [bytes], flags.force);
      const files = [flags.out];
      if (format === 'label_studio') {
        const kind = people.some(({ questions }) => questions.some(({ kind }) => kind === 'image' || kind === 'url'));
        const config = out.replace(/(\.json)?$/, '.config.xml');
        await this.write(config, () => [labelStudioConfig(kind ? 'image' : 'text', classes, settings.question)]);
        files.push(this.shown(config));
      }
      this.record({ type: 'batch', file: flags.out, format, questions: total, people: people.length, batch, files });
      const dir = this.dirWords(campaign.folder);
      this.print([
        `${flags.out}: ${plural(total, audits ? 'audit' : 'question')} for ${people.length === 1 ? people[0]!.worker : `${people.length} people`}`,
        ...(files.length > 1 ? [`${files[1]}: the labelling interface for Label Studio`] : []),
        '',
        'Answers back in:',
        `  quorate campaign add ${format === 'csv' || format === 'xlsx' ? flags.out : 'ANSWERS'}${audits ? ' --audits' : ''}${dir}`,
      ]);
    });
  }
}

/** Why there is nothing to write. */
function nothingToAsk(campaign: Campaign, audits: boolean): { why: string; lines: string[] } {
  const { outcome, frozen } = campaign.steps;
  const { stop = null, audit = null } = outcome ?? {};
  const said = (why: string, line: string) => ({ why, lines: [line] });
  if (stop !== null) return said(stop, `Nothing to ask any more: ${stop}.`);
  if (!audits && frozen) {
    const line =
      'Nothing to ask now: an expert looks at the labels (quorate campaign next --audits 50 --out audits.csv).';
    return said('an audit is going on', line);
  }
  if (audits && !audit) {
    const line =
      'This campaign has no audits. Put "stop: {use: certified}" below "run:" in campaign.yaml to have them.';
    return said('this campaign has no audits', line);
  }
  if (audits && !frozen) {
    return said(
      'tasks are open',
      'No audits yet: they begin when the workers are asked nothing more (quorate campaign status).',
    );
  }
  const all = audits ? 'every audit' : 'every open task';
  return said(
    audits ? 'all audits are out' : 'all open tasks are out',
    `Nothing to ask now: ${all} is out already. Add the answers first (quorate campaign add).`,
  );
}
