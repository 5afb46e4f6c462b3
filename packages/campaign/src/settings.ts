import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError, messageOf } from '@quorate/core';
import { prices, type Prices } from '@quorate/host';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

/** What `campaign.yaml` says. */
export const settingsSchema = z.strictObject({
  title: z.string().min(1).default('Labels').describe('what people see above the tasks'),
  question: z.string().min(1).default('Which class is this?').describe('what they are asked'),
  guidelines: z.string().default('').describe('how to decide, as text; blank lines part paragraphs'),
  examples: z
    .record(z.string(), z.array(z.string().min(1)).max(6))
    .default({})
    .describe('images below the source, or texts, that show a class, by its name'),
  source: z.string().nullable().default(null).describe('folder of images or file of texts that the tasks came from'),
  answersPerTask: z.int().min(1).default(3).describe('most answers to one task'),
  overlap: z.int().min(1).default(1).describe('most people who have the same task before them at a time'),
  leaseMinutes: z.number().positive().default(30).describe('how long a question waits for its answer, live'),
  batchDays: z.number().positive().default(7).describe('how long a question waits for its answer, by file'),
  goldEvery: z.int().min(0).default(0).describe('one in so many questions has a known answer; 0: none'),
  suggestions: z.boolean().default(false).describe('show the five classes that the learner finds most probable'),
  prices: prices.prefault({}).describe('what answers and audits cost'),
  run: z
    .record(z.string(), z.unknown())
    .describe('the configuration of the run: dataset, classes, method, budget, ...'),
});
export type Settings = z.output<typeof settingsSchema>;

const FILE = 'campaign.yaml';

export function settingsFile(folder: string): string {
  return join(folder, FILE);
}

/** Is there a campaign in the folder? */
export function isCampaign(folder: string): boolean {
  return existsSync(settingsFile(folder));
}

/** Reads `campaign.yaml`. Throws RUN_FOLDER where there is none, CONFIG_UNREADABLE and CONFIG_INVALID. */
export function readSettings(folder: string): Settings {
  const file = settingsFile(folder);
  if (!isCampaign(folder)) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: `a campaign (${FILE})`,
      got: 'none',
      fix: 'Start one with "quorate campaign start", or name its folder.',
    });
  }
  let tree: unknown;
  try {
    tree = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new QuorateError('CONFIG_UNREADABLE', {
      where: file,
      expected: 'YAML',
      got: messageOf(cause),
      fix: 'Correct that line.',
      cause,
    });
  }
  return parseSettings(tree, file);
}

/** Throws CONFIG_INVALID with the first problem. */
export function parseSettings(tree: unknown, where: string): Settings {
  const parsed = settingsSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new QuorateError('CONFIG_INVALID', {
    where: `${where}: ${issue!.path.join('.') || 'the file'}`,
    expected: `settings of a campaign (${Object.keys(settingsSchema.shape).join(', ')})`,
    got: issue!.message,
    fix: 'Correct it.',
  });
}

/** The settings as a commented file. */
export function settingsText(settings: z.input<typeof settingsSchema>): string {
  const full = settingsSchema.parse(settings);
  const head = '# A Quorate campaign. Changes count from the next start of a command or the server.\n';
  const lines = Object.entries(settingsSchema.shape).map(([key, schema]) => {
    const about = schema.description === undefined ? '' : `# ${schema.description}\n`;
    return `${about}${stringify({ [key]: full[key as keyof Settings] }, { lineWidth: 0 })}`;
  });
  return `${head}\n${lines.join('\n')}`;
}

function isPriced({ answer, audit, workers = {} }: Prices): boolean {
  return [answer, audit, ...Object.values(workers)].some((price) => price > 0);
}

/** The run's configuration with what a campaign needs in place of what a simulation does. */
export function runConfig(settings: Settings, tasks: number): Record<string, unknown> {
  const { run, answersPerTask } = settings;
  const sampler = typeof run['sampler'] === 'object' && run['sampler'] !== null ? run['sampler'] : {};
  const { use } = sampler as { use?: string };
  const ours = use === undefined || ['random', 'greedy_task_assignment', 'expected_gain'].includes(use);
  const stop = audited(run['stop']);
  const questions = {
    // A plan is for one person or for whoever comes; how long it is the budget of the request says.
    hitSize: Math.max(1, Math.min(10_000, tasks)),
    hitsPerStep: 1,
    fillHits: 'shrink',
    maxAnnotationsPerItem: answersPerTask,
  };
  return {
    ...run,
    ...(isPriced(settings.prices) ? { prices: settings.prices } : {}),
    workers: { use: 'people' },
    ...(stop ? { stop } : {}),
    ...(ours ? { sampler: { ...questions, ...sampler } } : {}),
  };
}

/** Where a rule names the worker simulator that plays its expert: here these are people, too. */
function audited(stop: unknown): unknown {
  const { use } = (stop ?? {}) as { use?: unknown };
  return use === 'certified' || use === 'audits' ? { expert: 'people', ...(stop as object) } : undefined;
}
