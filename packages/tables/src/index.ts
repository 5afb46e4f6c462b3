export { arrowTable } from './arrow.js';
export { invalid, listed, readable } from './data-error.js';
export { decodeText, type DecodedText } from './text.js';
export { parquetTable } from './parquet.js';
export { openMatrix, type MatrixRequest, type OpenMatrix } from './read-matrix.js';
export { columnsOf, openTable, textTable, type TableRequest } from './read-table.js';
export { ID_NAMES } from './table-matrix.js';
export { isMissing, placeOf, type Batch, type Table, type Values } from './table.js';
