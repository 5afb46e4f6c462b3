import { Graph } from './onnx-graph.js';

/** `product` rows×columns = `left` · `right`, one of them transposed first, or neither; all sizes are free. */
export function productModel(transposed: 'left' | 'right' | 'neither'): Uint8Array {
  const graph = new Graph('product');
  graph.input('left', 'float', transposed === 'left' ? ['inner', 'rows'] : ['rows', 'inner']);
  graph.input('right', 'float', transposed === 'right' ? ['columns', 'inner'] : ['inner', 'columns']);
  graph.op(
    'Gemm',
    ['left', 'right'],
    { transA: +(transposed === 'left'), transB: +(transposed === 'right') },
    'product',
  );
  graph.output('product', 'float', ['rows', 'columns']);
  return graph.model();
}
