/** Prints the bytes of a network fitted on WebAssembly with as many threads as the argument says: they are per process. */
import { openOnnxWasm } from './onnx-wasm.js';
import { bytesOf, fit, randomTraining } from './training.fixture.js';

const backend = await openOnnxWasm({ threads: Number(process.argv[2]) });
const sizes = { layers: [64, 32, 7], rows: 300, batchSize: 256, steps: 12 };
process.stdout.write(bytesOf(await fit(backend, randomTraining(sizes))));
await backend.dispose();
