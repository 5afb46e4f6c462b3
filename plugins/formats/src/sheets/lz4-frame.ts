const MAGIC = 0x184d2204;

/**
 * Unpacks an LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md), in which blocks may refer to the blocks before them:
 * what Arrow packs its buffers into. Checksums are not looked at. Throws an Error for what is none.
 */
export function unpackLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error('no LZ4 frame');
  const flags = frame[4]!;
  const [blockSums, hasSize, dictionary] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 0x01) !== 0];
  let at = 6 + (hasSize ? 8 : 0) + (dictionary ? 4 : 0) + 1;
  const out = new Output(hasSize ? Number(view.getBigUint64(6, true)) : 4 * frame.length);
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return out.bytes.subarray(0, out.length);
    const length = size & 0x7fffffff;
    if (at + length > frame.length) throw new Error('an LZ4 block that ends too early');
    const block = frame.subarray(at, at + length);
    if (size >>> 31 === 1) out.copy(block, 0, length);
    else unpackBlock(block, out);
    at += length + (blockSums ? 4 : 0);
  }
}

class Output {
  bytes: Uint8Array;
  length = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(Math.min(size, 1 << 30));
  }

  copy(from: Uint8Array, start: number, end: number): void {
    this.#room(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Again what was written `offset` bytes ago; the two may overlap. */
  repeat(offset: number, count: number): void {
    if (offset === 0 || offset > this.length) throw new Error('an LZ4 match before the beginning');
    this.#room(count);
    for (let i = 0; i < count; i++, this.length++) this.bytes[this.length] = this.bytes[this.length - offset]!;
  }

  #room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const wider = new Uint8Array(2 * (this.length + count));
    wider.set(this.bytes.subarray(0, this.length));
    this.bytes = wider;
  }
}

function unpackBlock(block: Uint8Array, out: Output): void {
  let at = 0;
  const more = (count: number): number => {
    if (count < 15) return count;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw new Error('an LZ4 block that ends too early');
      count += byte;
      if (byte < 255) return count;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = more(token >> 4);
    if (at + literals > block.length) throw new Error('an LZ4 block that ends too early');
    out.copy(block, at, at + literals);
    at += literals;
    // The last sequence has literals alone.
    if (at === block.length) return;
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    out.repeat(offset, more(token & 15) + 4);
  }
}
