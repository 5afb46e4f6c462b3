import { buildComponent, describeLearnerBackend, describePlugin } from '@quorate/testkit';
import plugin from './index.js';
import onnxWasm from './onnx-wasm.js';
import onnx from './onnx.js';

describePlugin(plugin);
describeLearnerBackend('onnx', buildComponent(onnx));
describeLearnerBackend('onnx-wasm', buildComponent(onnxWasm));
