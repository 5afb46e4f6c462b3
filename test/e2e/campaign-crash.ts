import { once } from 'node:events';
import { openCampaign } from '@quorate/campaign';
import datasets from '@quorate/plugin-datasets';
import neural from '@quorate/plugin-neural-learner';
import backends from '@quorate/plugin-backend-onnx';
import method from '@quorate/plugin-quorate-method';
import standard from '@quorate/plugin-standard';

/** Twenty people at once who repeat, hold back and drop answers; says on standard output what was acknowledged. */
const [folder, seed] = process.argv.slice(2) as [string, string];
const plugins = [datasets, neural, backends, method, standard];
const campaign = await openCampaign(folder, { plugins, env: {} });
let state = Number(seed) + 1;
const chance = (): number => (state = (state * 48271) % 2147483647) / 2147483647;

async function say(words: readonly unknown[]): Promise<void> {
  if (!process.stdout.write(`${words.join(' ')}\n`)) await once(process.stdout, 'drain');
}

async function person(worker: string): Promise<void> {
  for (;;) {
    const { questions } = await campaign.next(worker, 1 + Math.floor(3 * chance()));
    if (questions.length === 0) return;
    for (const { lease, item } of questions) {
      if (chance() < 0.1) continue;
      const label = 'abc'[item % 3]!;
      const times = chance() < 0.3 ? 2 : 1;
      const outcomes = await Promise.all(
        Array.from({ length: times }, () => campaign.answer({ worker, lease, label })),
      );
      for (const outcome of outcomes) if (outcome === 'stored') await say(['stored', lease, item, worker, label]);
    }
  }
}

await Promise.all(Array.from({ length: 20 }, (_, x) => person(`p${x}`)));
await say(['done']);
await campaign.dispose();
