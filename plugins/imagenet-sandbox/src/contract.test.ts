import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildComponent, describeDatasetSource, describePlugin } from '@quorate/testkit';
import { afterAll } from 'vitest';
import plugin from './index.js';

/** 24 images of three classes with two features. */
const classes = ['n02105505', 'n02108089', 'n02326432'];
const folder = mkdtempSync(join(tmpdir(), 'quorate-imagenet-contract-'));
afterAll(() => rmSync(folder, { recursive: true }));
const images = Array.from({ length: 24 }, (_, r) => `${classes[r % 3]!}/${r}.JPEG\n`);
const header = "{'descr': '<f8', 'fortran_order': True, 'shape': (24, 2), }".padEnd(117) + '\n';
const values = Float64Array.from({ length: 48 }, (_, x) => Math.sin(x));
const npy = Buffer.concat([Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]), Buffer.from(header)]);
writeFileSync(join(folder, 'train_labeled.txt'), images.join(''));
writeFileSync(join(folder, 'feat.npy'), Buffer.concat([npy, new Uint8Array(values.buffer)]));

describePlugin(plugin);
for (const distractorsPerClass of [0, 1]) {
  const options = { path: folder, features: 'feat.npy', prototypesPerClass: 2, distractorsPerClass };
  const asked = distractorsPerClass === 0 ? classes : classes.slice(0, 2);
  describeDatasetSource(
    `imagenet, ${distractorsPerClass} distractors per class`,
    buildComponent(plugin.components![0]!, { options }),
    {
      classes: asked,
    },
  );
}
describeDatasetSource(
  'imagenet without files',
  buildComponent(plugin.components![0]!, { options: { itemsPerClass: 5 }, setup: { files: nothing() } }),
  { classes },
);

function nothing() {
  return { resolve: (path: string) => path, locate: () => undefined, cacheDir: folder, note: () => undefined };
}
