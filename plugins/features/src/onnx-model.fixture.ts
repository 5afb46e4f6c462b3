/** Writes small ONNX models: the fields of onnx.proto (IR version 8, operators of version 17) that these tests need. */

type Field = Buffer | number | string | bigint;
export type Shape = readonly (number | string)[];

export interface ModelPlan {
  /** name → [type, shape] */
  readonly inputs: Readonly<Record<string, readonly ['float' | 'int64' | 'uint8', Shape]>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly constants?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | bigint[] }>
  >;
  /** [operator, inputs, outputs, whole-number attributes] */
  readonly nodes: readonly (readonly [
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, number | readonly number[]>>,
  ])[];
}

const types = { float: 1, uint8: 2, int64: 7 } as const;

export function onnxModel({ inputs, outputs, constants = {}, nodes }: ModelPlan): Buffer {
  const tensors = Object.entries(constants).map(([name, { shape, data }]) => {
    const isFloat = data instanceof Float32Array;
    const raw = isFloat ? data : BigInt64Array.from(data);
    return message(
      ...shape.map((size) => field(1, size)),
      field(2, isFloat ? types.float : types.int64),
      field(8, name),
      field(9, Buffer.from(raw.buffer)),
    );
  });
  const graph = message(
    ...nodes.map(([type, from, to, attributes = {}]) =>
      field(
        1,
        message(
          ...from.map((name) => field(1, name)),
          ...to.map((name) => field(2, name)),
          field(4, type),
          ...Object.entries(attributes).map(([name, value]) => field(5, attribute(name, value))),
        ),
      ),
    ),
    field(2, 'test'),
    ...tensors.map((tensor) => field(5, tensor)),
    ...Object.entries(inputs).map(([name, [type, shape]]) => field(11, valueInfo(name, types[type], shape))),
    ...Object.entries(outputs).map(([name, shape]) => field(12, valueInfo(name, types.float, shape))),
  );
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 17))));
}

function attribute(name: string, value: number | readonly number[]): Buffer {
  return typeof value === 'number'
    ? message(field(1, name), field(3, value), field(20, 2))
    : message(field(1, name), ...value.map((one) => field(8, one)), field(20, 7));
}

function valueInfo(name: string, type: number, shape: Shape): Buffer {
  const sizes = shape.map((size) => field(1, message(field(typeof size === 'number' ? 1 : 2, size))));
  return message(field(1, name), field(2, message(field(1, message(field(1, type), field(2, message(...sizes)))))));
}

const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

/** One field: a varint for a number, else length and content. */
function field(number: number, value: Field): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return message(varint(number << 3), varint(value));
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return message(varint((number << 3) | 2), varint(bytes.length), bytes);
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
