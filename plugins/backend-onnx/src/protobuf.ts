const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/** One protocol buffer message, written field by field: just enough of the wire format for ONNX models. */
export class Message {
  readonly #chunks: Uint8Array[] = [];

  /** int32, int64, bool and enum fields. Negative numbers take ten bytes, as the format has it. */
  int(field: number, value: number | bigint): this {
    return this.#tag(field, VARINT).#varint(value);
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#tag(field, FIXED32).#chunks.push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, LENGTH_DELIMITED).#varint(value.length).#chunks.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  encode(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  #tag(field: number, wireType: number): this {
    return this.#varint((field << 3) | wireType);
  }

  #varint(value: number | bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    this.#chunks.push(Uint8Array.of(...bytes, Number(rest)));
    return this;
  }
}
