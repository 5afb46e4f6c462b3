import { writeFileSync } from 'node:fs';
import { describeFeatureExtractor, describePlugin } from '@quorate/testkit';
import { imageEncoder, passing, textEncoder, tokenizerJson } from './encoders.fixture.js';
import plugin from './index.js';
import { extractor, imageFiles, project, text } from './project.fixture.js';

const { path, files } = project();
writeFileSync(path('image.onnx'), imageEncoder({ rows: 'rows', side: 'side' }));
writeFileSync(path('three.onnx'), imageEncoder({ rows: 3, side: 16 }));
writeFileSync(path('quantized.onnx'), passing(['rows', 3, 8, 8], true));
writeFileSync(path('text.onnx'), textEncoder());
writeFileSync(path('tokenizer.json'), tokenizerJson());

describePlugin(plugin, {
  samples: { 'featureExtractor/onnx_image': { model: 'm' }, 'featureExtractor/onnx_text': { model: 'm' } },
});

const images = {
  subjects: await imageFiles(path),
  unreadable: { kind: 'image', id: 'torn.png', path: path('torn.png') },
} as const;

describeFeatureExtractor('gradient_histogram', extractor('gradient_histogram', files, { size: 32 }), images);
describeFeatureExtractor(
  'onnx_image, any number of rows',
  extractor('onnx_image', files, { model: 'image.onnx', output: 'maps', size: 16 }),
  images,
);
describeFeatureExtractor(
  'onnx_image, a model of three rows',
  extractor('onnx_image', files, { model: 'three.onnx', output: 'pooled', batchSize: 2 }),
  images,
);
describeFeatureExtractor(
  'onnx_image, a model that quantizes by the range of the batch',
  extractor('onnx_image', files, { model: 'quantized.onnx', pool: 'flatten' }),
  images,
);
const words = ['a good film', 'bad', '', `${'very '.repeat(40)}bad films`, 'no such word'];
describeFeatureExtractor('onnx_text', extractor('onnx_text', files, { model: 'text.onnx', batchSize: 3 }), {
  subjects: words.map((content, i) => text(`t${i}`, content)),
});
