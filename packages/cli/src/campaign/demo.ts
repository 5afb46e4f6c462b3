import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Campaign } from '@quorate/campaign';
import { makeRng } from '@quorate/core/numbers';

const IMAGES = 600;
const GOLD = 20;
const SEED = 'demo';
const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The colleagues, and how often each of them is right. */
const colleagues = { Ada: 0.97, Ben: 0.95, Chen: 0.93, Dora: 0.9, Emil: 0.85, Farid: 0.7 };
/** How long one of them takes for an answer, in ms: at least, and at most so much more. */
const THINKING = [700, 2300] as const;

/** Which digit each image of the demo shows, by the id of its task. */
export type DemoTruth = ReadonlyMap<string, number>;

const idOf = (n: number): string => `digit-${String(n).padStart(3, '0')}.png`;

/** Makes a campaign over handwritten digits, unless it is there. */
export async function makeDemo(folder: string, note: (message: string) => void): Promise<DemoTruth> {
  const { digitImages } = await import('@quorate/plugin-mnist');
  const { createCampaign, isCampaign } = await import('@quorate/campaign');
  const { Inputs, makeFolder, replaceFile } = await import('@quorate/host');
  const { makeFeatures, readSource } = await import('./start.js');
  const images = await digitImages(IMAGES, SEED);
  const truth = new Map(images.map(({ digit }, n) => [idOf(n), digit]));
  if (isCampaign(folder)) return truth;
  const photos = join(folder, 'digits');
  makeFolder(photos);
  const inputs = new Inputs();
  images.forEach(({ png }, n) => replaceFile(join(photos, idOf(n)), png, inputs));
  const columns = { id: null, text: null, image: null };
  const { subjects, tasks } = await readSource({ source: photos, cwd: folder, columns, note });
  const signal = new AbortController().signal;
  const silent = { note, progress: () => undefined, signal };
  await makeFeatures({ subjects, folder, words: [], cwd: folder, skipBad: false, ...silent });
  replaceFile(join(folder, 'tasks.csv'), `id\n${tasks.map(({ id }) => `${id}\n`).join('')}`, inputs);
  const dataset = { use: 'files', labels: 'tasks.csv', features: 'features.npy' };
  createCampaign({
    folder,
    settings: {
      title: 'Handwritten digits',
      question: 'Which digit is this?',
      guidelines: 'Press the key of the digit. Some are sloppy: take the one that most people would read.',
      source: 'digits',
      goldEvery: 20,
      suggestions: true,
      prices: { answer: 0.03, audit: 0.1, currency: 'EUR' },
      run: { classes: DIGITS, dataset, method: 'quorate' },
    },
    tasks,
    gold: new Map([...truth].slice(0, GOLD)),
    now: Date.now(),
  });
  return truth;
}

/** Has simulated colleagues answer until the campaign is done or the signal comes. */
export async function workBeside(campaign: Campaign, truth: DemoTruth, signal: AbortSignal): Promise<void> {
  await Promise.all(
    Object.entries(colleagues).map(async ([worker, right]) => {
      const rng = makeRng(SEED).fork(worker).fork(String(campaign.desk.seq));
      while (!signal.aborted) {
        const { questions, state } = await campaign.next(worker, 1);
        if (state === 'done') return;
        const ms = Math.round(THINKING[0] + THINKING[1] * rng.uniform());
        await sleep(ms, undefined, { signal }).catch(() => undefined);
        for (const { lease, task } of signal.aborted ? [] : questions) {
          const label = rng.uniform() < right ? truth.get(task)! : rng.int(DIGITS.length);
          if (rng.uniform() < 0.01) await campaign.flag({ worker, lease, text: 'I cannot read this one.' });
          await campaign.answer({ worker, lease, label: String(label), ms });
        }
      }
    }),
  );
}
