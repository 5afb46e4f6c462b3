/** The first `count` bytes of a stream (fewer where it ends before), and the whole stream again. */
export async function peekBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ readonly head: Uint8Array; readonly bytes: AsyncIterable<Uint8Array> }> {
  const reader = bytes[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < count && !ended) {
    const next = await reader.next();
    if (next.done) ended = true;
    else {
      // Copied: whoever gave the chunk may use its memory again for the next.
      read.push(new Uint8Array(next.value));
      length += next.value.length;
    }
  }
  const head = new Uint8Array(Math.min(count, length));
  let filled = 0;
  for (const chunk of read) {
    head.set(chunk.subarray(0, head.length - filled), filled);
    filled = Math.min(head.length, filled + chunk.length);
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (read.length > 0) yield read.shift()!;
      while (!ended) {
        const next = await reader.next();
        if (next.done) ended = true;
        else yield next.value;
      }
    } finally {
      if (!ended) await reader.return?.();
    }
  }
  return { head, bytes: all() };
}
