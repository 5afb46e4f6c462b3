import { checkArrow } from './arrow-frames.js';
import { readable } from './data-error.js';
import type { Batch, Table } from './table.js';

/** An Arrow file (Feather 2) or stream, as pandas, Polars and Hugging Face datasets write them. */
export async function arrowTable(name: string, bytes: Uint8Array): Promise<Table> {
  return readable(name, async () => {
    const { CompressionType, setCompressionCodec, tableFromIPC } = await import('@uwdata/flechette');
    const { decompress: lz4 } = await import('lz4js');
    const { decompress: zstd } = await import('fzstd');
    const unsupported = (): never => {
      throw new Error('files are only read');
    };
    // Copied: numbers of eight bytes have to begin at a multiple of eight.
    setCompressionCodec(CompressionType.LZ4_FRAME, { decode: (data) => lz4(data).slice(), encode: unsupported });
    setCompressionCodec(CompressionType.ZSTD, { decode: (data) => zstd(data).slice(), encode: unsupported });
    checkArrow(bytes);
    const table = tableFromIPC(bytes, { useBigInt: true });
    const columns = table.names.map(String);
    const values = columns.map((_, c) => table.getChildAt(c).toArray() as ArrayLike<unknown>);
    return {
      name,
      format: 'Arrow',
      columns,
      metadata: table.schema.metadata ?? new Map(),
      *batches() {
        yield { rows: table.numRows, first: 0, columns: values, lines: null } satisfies Batch;
      },
    };
  });
}
