/** What is wrong with the lengths and offsets of a file: it is damaged. */
export class Damaged extends Error {
  override readonly message = 'a damaged file: lengths in it are longer than the file';
}

/** Tables nest this deep at most: lists of lists, structs in structs. */
const DEEPEST = 64;

/**
 * Checks the lengths that an Arrow file or stream is read by, since the reader believes them: one damaged byte would have it
 * read two billion members of a list. Offsets of tables and vectors are those of Flatbuffers; field numbers are of Message.fbs,
 * Schema.fbs and File.fbs of Apache Arrow. Throws `Damaged`.
 */
export function checkArrow(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (buffer.toString('latin1', 0, 6) !== 'ARROW1') return checkStream(buffer);
    const end = buffer.length - 10;
    const length = buffer.readInt32LE(end);
    if (length <= 0 || length > end) throw new Damaged();
    const footer = new Table(buffer.subarray(end - length, end));
    footer.table(1)?.schema();
    for (const field of [2, 3]) {
      for (const block of footer.structs(field, 24)) {
        const [at, meta, body] = [
          Number(block.readBigInt64LE(0)),
          block.readInt32LE(8),
          Number(block.readBigInt64LE(16)),
        ];
        if (at < 0 || meta <= 0 || body < 0 || at + meta + body > buffer.length) throw new Damaged();
        checkMessage(buffer, at);
      }
    }
  } catch (thrown) {
    // Reading past the end is the same damage.
    throw thrown instanceof RangeError ? new Damaged() : thrown;
  }
}

function checkStream(buffer: Buffer): void {
  for (let at = 0; at + 4 <= buffer.length;) {
    const next = checkMessage(buffer, at);
    if (next === null) return;
    at = next;
  }
}

/** @returns where the next message begins; null after the last. */
function checkMessage(buffer: Buffer, from: number): number | null {
  let at = from;
  let length = buffer.readInt32LE(at);
  at += 4;
  if (length === -1) {
    if (at + 4 > buffer.length) return null;
    length = buffer.readInt32LE(at);
    at += 4;
  }
  if (length === 0) return null;
  if (length < 0 || at + length > buffer.length) throw new Damaged();
  const message = new Table(buffer.subarray(at, at + length));
  const body = message.long(3);
  if (body < 0 || at + length + body > buffer.length) throw new Damaged();
  const header = message.table(2);
  const kind = message.byte(1);
  if (kind === 1) header?.schema();
  if (kind === 2) header?.table(1)?.batch(body);
  if (kind === 3) header?.batch(body);
  return at + length + body;
}

/** A table of Flatbuffers; fields go by their number. */
class Table {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #fields: number;

  constructor(bytes: Buffer, at = bytes.readInt32LE(0)) {
    this.#bytes = bytes;
    this.#at = at;
    this.#fields = at - bytes.readInt32LE(at);
    bytes.readUInt16LE(this.#fields);
  }

  /** Where a field is; 0: it is left out. */
  #place(field: number): number {
    const entry = 4 + 2 * field;
    if (entry >= this.#bytes.readUInt16LE(this.#fields)) return 0;
    const offset = this.#bytes.readUInt16LE(this.#fields + entry);
    return offset === 0 ? 0 : this.#at + offset;
  }

  byte(field: number): number {
    const at = this.#place(field);
    return at === 0 ? 0 : this.#bytes.readUInt8(at);
  }

  long(field: number): number {
    const at = this.#place(field);
    return at === 0 ? 0 : Number(this.#bytes.readBigInt64LE(at));
  }

  table(field: number): Table | null {
    const at = this.#place(field);
    return at === 0 ? null : new Table(this.#bytes, at + this.#bytes.readInt32LE(at));
  }

  structs(field: number, size: number): Buffer[] {
    const at = this.#place(field);
    if (at === 0) return [];
    const start = at + this.#bytes.readInt32LE(at);
    const count = this.#bytes.readInt32LE(start);
    if (count < 0 || start + 4 + count * size > this.#bytes.length) throw new Damaged();
    return Array.from({ length: count }, (_, n) =>
      this.#bytes.subarray(start + 4 + n * size, start + 4 + (n + 1) * size),
    );
  }

  tables(field: number): Table[] {
    const at = this.#place(field);
    if (at === 0) return [];
    const start = at + this.#bytes.readInt32LE(at) + 4;
    return this.structs(field, 4).map((one, n) => new Table(this.#bytes, start + 4 * n + one.readInt32LE(0)));
  }

  #text(field: number): void {
    this.structs(field, 1);
  }

  schema(): void {
    for (const field of this.tables(1)) field.#column(0);
    this.#pairs(2);
  }

  #column(depth: number): void {
    if (depth > DEEPEST) throw new Damaged();
    this.#text(0);
    for (const child of this.tables(5)) child.#column(depth + 1);
    this.#pairs(6);
  }

  #pairs(field: number): void {
    for (const pair of this.tables(field)) {
      pair.#text(0);
      pair.#text(1);
    }
  }

  /** Rows take at least a bit of a body; where there is none (columns of nulls alone), they are still no more than 2^31. */
  batch(body: number): void {
    const rows = this.long(0);
    const most = body === 0 ? 2 ** 31 : 64 * body;
    const nodes = this.structs(1, 16).map((node) => Number(node.readBigInt64LE(0)));
    if ([rows, ...nodes].some((length) => length < 0 || length > most)) throw new Damaged();
    for (const one of this.structs(2, 16)) {
      const [at, length] = [Number(one.readBigInt64LE(0)), Number(one.readBigInt64LE(8))];
      if (at < 0 || length < 0 || at + length > body) throw new Damaged();
    }
  }
}
