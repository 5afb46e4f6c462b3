import { QuorateError, messageOf } from '@quorate/core';
import protobuf from 'protobufjs/light.js';

/** What onnx.proto (IR version 8) says of the messages that are read here. */
const fields = {
  ModelProto: { graph: [7, 'GraphProto'] },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    type: [20, 'int32'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int32'],
    floatData: [4, 'float', 'repeated'],
    int32Data: [5, 'int32', 'repeated'],
    int64Data: [7, 'int64', 'repeated'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double', 'repeated'],
    dataLocation: [14, 'int32'],
  },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: { tensorType: [1, 'TensorTypeProto'] },
  TensorTypeProto: { elemType: [1, 'int32'], shape: [2, 'ShapeProto'] },
  ShapeProto: { dim: [1, 'DimensionProto', 'repeated'] },
  DimensionProto: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
} as const;

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(fields).map(([message, its]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(its as Record<string, readonly [number, string, 'repeated'?]>).map(
            ([name, [id, type, rule]]) => [name, { id, type, ...(rule ? { rule } : {}) }],
          ),
        ),
      },
    ]),
  ),
});
const ModelProto = root.lookupType('ModelProto');

export interface TensorMessage {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name: string;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly number[];
  readonly doubleData: readonly number[];
  readonly rawData: Uint8Array;
  readonly dataLocation: number;
}

export interface Attribute {
  readonly name: string;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array;
  readonly t: TensorMessage | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}

export interface Node {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
}

interface ValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly { readonly dimValue: number; readonly dimParam: string }[] } | null;
    } | null;
  } | null;
}

/** Numbers of a model, row-major, as they are computed with. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** False for what is no float in the file: shapes, axes. */
  readonly isFloat: boolean;
}

/** A forward pass as an ONNX file has it. */
export interface ForwardModel {
  readonly input: ValueInfo;
  readonly output: ValueInfo;
  readonly nodes: readonly Node[];
  /** In the order of the file. */
  readonly initializers: ReadonlyMap<string, Numbers>;
}

/** Sizes of an input or output, null where the file leaves one open or says nothing. */
export function sizesOf({ type }: ValueInfo): readonly (number | null)[] | null {
  const dim = type?.tensorType?.shape?.dim;
  return dim ? dim.map(({ dimValue, dimParam }) => (dimParam === '' && dimValue > 0 ? dimValue : null)) : null;
}

/** Throws DATA_INVALID for what is no ONNX model with one input and one output. */
export function readModel(name: string, bytes: Uint8Array): ForwardModel {
  const { graph } = decode(name, bytes);
  if (!graph || graph.node.length === 0 || graph.output.length === 0) {
    throw unfit(name, 'an ONNX model with a graph', 'none', 'Export the network again as ONNX.');
  }
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  // Files of the first versions list the initializers among the inputs.
  const inputs = graph.input.filter((one) => !tensors.has(one.name));
  if (inputs.length !== 1 || graph.output.length !== 1) {
    const got = `${inputs.length} inputs and ${graph.output.length} outputs`;
    throw unfit(name, 'one input (rows of features) and one output (logits)', got, 'Leave the others out.');
  }
  const initializers = new Map([...tensors].map(([key, tensor]) => [key, numbersOf(name, tensor)] as const));
  return { input: inputs[0]!, output: graph.output[0]!, nodes: graph.node, initializers };
}

interface GraphMessage {
  readonly node: readonly Node[];
  readonly initializer: readonly TensorMessage[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
}

function decode(name: string, bytes: Uint8Array): { readonly graph: GraphMessage | null } {
  try {
    const message = ModelProto.decode(bytes);
    return ModelProto.toObject(message, { longs: Number, defaults: true, arrays: true }) as { graph: GraphMessage };
  } catch (cause) {
    throw unfit(name, 'an ONNX model', `"${messageOf(cause)}"`, 'Export the network again as ONNX.');
  }
}

const [FLOAT, INT32, INT64, DOUBLE] = [1, 6, 7, 11];
const EXTERNAL = 1;

/** The numbers of a tensor: floats as they are, integers (of shapes and axes) and doubles as floats. */
export function numbersOf(model: string, tensor: TensorMessage): Numbers {
  const { dims: shape, dataType, name, rawData, dataLocation } = tensor;
  if (dataLocation === EXTERNAL) {
    throw unfit(
      model,
      `the numbers of "${name}" within the file`,
      'the name of another file',
      'Export the network with its weights inside.',
    );
  }
  const length = shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(rawData).buffer;
  const from: Partial<Record<number, () => ArrayLike<number | bigint>>> = {
    [FLOAT]: () => (rawData.length > 0 ? new Float32Array(bytes) : tensor.floatData),
    [DOUBLE]: () => (rawData.length > 0 ? new Float64Array(bytes) : tensor.doubleData),
    [INT32]: () => (rawData.length > 0 ? new Int32Array(bytes) : tensor.int32Data),
    [INT64]: () => (rawData.length > 0 ? new BigInt64Array(bytes) : tensor.int64Data),
  };
  const size = dataType === INT64 || dataType === DOUBLE ? 8 : 4;
  const data = rawData.length % size === 0 ? from[dataType]?.() : undefined;
  if (data === undefined || data.length !== length) {
    const got =
      data === undefined ? `type ${dataType} of TensorProto` : `${data.length} numbers for a shape of ${length}`;
    throw unfit(model, `float32 numbers in "${name}"`, got, 'Export the network in float32 (model.float()).');
  }
  return { shape, data: Float32Array.from(data, Number), isFloat: dataType === FLOAT };
}

export function unfit(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
