/** How the elements of a NumPy array become numbers. */
export interface NpyElements {
  /** As the header writes it: byte order, kind and bytes: `<f4`, `>i2`, `|b1`. */
  readonly descr: string;
  /** Bytes of one element. */
  readonly bytes: number;
  /**
   * The numbers in a chunk of whole elements, from its beginning. The chunk starts at a multiple of 8 in its buffer; big-endian
   * ones are turned round in place. Integers of 64 bits are rounded to the nearest double, booleans are 0 and 1.
   */
  decode(chunk: Uint8Array): ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> };
}

type View = new (buffer: ArrayBufferLike, offset: number, length: number) => Numbers;
type Numbers = ReturnType<NpyElements['decode']>;

const views: Readonly<Record<string, View>> = {
  f4: Float32Array,
  f8: Float64Array,
  b1: Uint8Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
};

/** The elements of a dtype that holds real numbers; undefined for any other. */
export function npyElements(descr: string): NpyElements | undefined {
  const [, order, kind, size] = /^([<>|=])([fiub])([1248])$/.exec(descr) ?? [];
  if (order === undefined || kind === undefined) return undefined;
  const bytes = Number(size);
  const convert = converter(`${kind}${size}`, bytes);
  if (!convert) return undefined;
  return {
    descr,
    bytes,
    decode: (chunk) => {
      if (order === '>' && bytes > 1) turnRound(chunk, bytes);
      return convert(chunk);
    },
  };
}

function converter(type: string, bytes: number): ((chunk: Uint8Array) => Numbers) | undefined {
  const View = views[type];
  if (View) return ({ buffer, byteOffset, length }) => new View(buffer, byteOffset, length / bytes);
  if (type === 'f2') {
    const values = halves();
    return ({ buffer, byteOffset, length }) =>
      Float32Array.from(new Uint16Array(buffer, byteOffset, length / 2), (half) => values[half]!);
  }
  if (type === 'i8' || type === 'u8') {
    return ({ buffer, byteOffset, length }) => {
      const count = length / 8;
      const wide =
        type === 'i8' ? new BigInt64Array(buffer, byteOffset, count) : new BigUint64Array(buffer, byteOffset, count);
      const out = new Float64Array(count);
      for (let x = 0; x < count; x++) out[x] = Number(wide[x]!);
      return out;
    };
  }
  return undefined;
}

let halfValues: Float32Array | undefined;

/** The value of each of the 65,536 float16 patterns (IEEE 754 binary16). */
function halves(): Float32Array {
  halfValues ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
  return halfValues;
}

function turnRound(chunk: Uint8Array, bytes: number): void {
  for (let start = 0; start < chunk.length; start += bytes) chunk.subarray(start, start + bytes).reverse();
}
