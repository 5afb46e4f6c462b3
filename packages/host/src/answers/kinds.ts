import { QuorateError } from '@quorate/core';

interface Kind {
  readonly what: string;
  readonly starts: readonly number[] | string;
}

/** Files that are known by their first bytes and hold no answers that could be read. */
const kinds: readonly Kind[] = [
  { what: 'a workbook of Excel 97 (.xls), or one with a password', starts: [0xd0, 0xcf, 0x11, 0xe0] },
  { what: 'a PDF document', starts: '%PDF' },
  { what: 'an SQLite database', starts: 'SQLite format 3' },
  { what: 'a NumPy array (.npy)', starts: '\u0093NUMPY' },
  { what: 'an HDF5 file', starts: '\u0089HDF' },
  { what: 'an image', starts: '\u0089PNG' },
  { what: 'an image', starts: '\u00ff\u00d8\u00ff' },
  { what: 'a data file of SPSS (.sav)', starts: '$FL2' },
  { what: 'a workspace of R', starts: 'RDX' },
  { what: 'an R object (.rds)', starts: 'X\n\u0000\u0000' },
  { what: 'a Feather file of version 1', starts: 'FEA1' },
  { what: 'an XML document', starts: '<?xml' },
  { what: 'a web page', starts: '<!DOCTYPE html' },
  { what: 'a web page', starts: '<html' },
];

/** Refuses what no format reads, by what it is. */
export function checkKind(where: string, head: Uint8Array): void {
  const text = Buffer.from(head.subarray(0, 200)).toString('latin1');
  const starts = ({ starts: start }: Kind): boolean =>
    typeof start === 'string'
      ? text.toLowerCase().startsWith(start.toLowerCase())
      : start.every((byte, i) => head[i] === byte);
  const sheet = text.includes('mimetypeapplication/vnd.oasis.opendocument');
  const got = sheet ? 'an OpenDocument spreadsheet (.ods)' : kinds.find(starts)?.what;
  if (got === undefined) return;
  const fix = 'Save it as .xlsx, CSV, JSON Lines or Parquet.';
  throw new QuorateError('ANSWERS_INVALID', { where, expected: 'a file of crowd answers', got, fix });
}
