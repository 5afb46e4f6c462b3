/**
 * Prints the bytes of a network fitted on WebAssembly, and a hash of products, with as many threads as the argument says:
 * they are per process.
 */
import { createHash } from 'node:crypto';
import { openOnnxWasm } from './onnx-wasm.js';
import { bytesOf, fit, products, randomTraining } from './training.fixture.js';

const backend = await openOnnxWasm({ threads: Number(process.argv[2]) });
const sizes = { layers: [64, 32, 7], rows: 300, batchSize: 256, steps: 12 };
process.stdout.write(bytesOf(await fit(backend, randomTraining(sizes))));
const hash = createHash('sha1');
for (const product of await products(backend)) hash.update(product);
process.stdout.write(hash.digest('hex'));
await backend.dispose();
