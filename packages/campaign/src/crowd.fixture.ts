import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from '@quorate/core';
import { makeRng } from '@quorate/core/numbers';
import backends from '@quorate/plugin-backend-onnx';
import certified from '@quorate/plugin-certified-stop';
import datasets from '@quorate/plugin-datasets';
import neural from '@quorate/plugin-neural-learner';
import method from '@quorate/plugin-quorate-method';
import realCrowds from '@quorate/plugin-real-crowds';
import standard from '@quorate/plugin-standard';
import type { Campaign } from './campaign.js';
import { openCampaign, type OpenCampaignOptions } from './open.js';
import { settingsFile, settingsText, type Settings } from './settings.js';

export const plugins: readonly Plugin[] = [backends, certified, datasets, neural, method, realCrowds, standard];
export const classes = ['a', 'b', 'c'];

const made: string[] = [];

/** A new folder, gone after `cleanUp`. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-campaign-'));
  made.push(folder);
  return folder;
}

export function cleanUp(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const taskIds = (tasks: number): string[] => Array.from({ length: tasks }, (_, i) => `t${i}`);

export function writeTasks(folder: string, tasks: number): void {
  writeFileSync(join(folder, 'tasks.csv'), `id\n${taskIds(tasks).join('\n')}\n`);
}

/** A campaign over tasks without features, in a new folder. */
export function newCampaign(tasks: number, settings: Partial<Settings> = {}): string {
  const folder = newFolder();
  writeTasks(folder, tasks);
  const run = {
    classes,
    dataset: { use: 'files', labels: 'tasks.csv' },
    method: 'quorate',
    learner: { use: 'none' },
    ...settings.run,
  };
  writeFileSync(settingsFile(folder), settingsText({ ...settings, run }));
  return folder;
}

export function open(folder: string, options: OpenCampaignOptions = {}): Promise<Campaign> {
  return openCampaign(folder, { plugins, env: {}, ...options });
}

export const truthOf = (task: string): string => classes[Number(task.slice(1)) % 3]!;

/** What a worker says of a task, whenever and however often they are asked: right four times out of five. */
export function answerOf(worker: string, task: string): string {
  const rng = makeRng('crowd').fork(worker).fork(task);
  return rng.uniform() < 0.8 ? truthOf(task) : classes[rng.int(3)]!;
}

/** Has workers answer in turn until nobody is asked any more. @returns how many answers. */
export async function answerAll(campaign: Campaign, workers: readonly string[], says = answerOf): Promise<number> {
  let answers = 0;
  for (;;) {
    let asked = 0;
    for (const worker of workers) {
      const { questions } = await campaign.next(worker, 5);
      for (const { lease, task } of questions) {
        await campaign.answer({ worker, lease, label: says(worker, task), ms: 1500 });
        asked++;
      }
    }
    answers += asked;
    if (asked === 0) return answers;
  }
}
