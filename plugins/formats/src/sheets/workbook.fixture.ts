import { strToU8, zipSync } from 'fflate';

export type Cell = string | number | null;

/** A workbook of some sheets, with nothing in it that Excel does not ask for. */
export function workbook(sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>): Uint8Array {
  const names = Object.keys(sheets);
  const cell = (value: Cell, r: number, c: number): string => {
    const at = `${String.fromCharCode(65 + c)}${r + 1}`;
    if (value === null) return '';
    return typeof value === 'number'
      ? `<c r="${at}"><v>${value}</v></c>`
      : `<c r="${at}" t="inlineStr"><is><t>${escaped(value)}</t></is></c>`;
  };
  const xml = (text: string): Uint8Array => strToU8(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const files: Record<string, Uint8Array> = {
    '[Content_Types].xml': xml('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
    'xl/workbook.xml': xml(
      `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${names.map((name, n) => `<sheet name="${name}" sheetId="${n + 1}" r:id="r${n}"/>`).join('')}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': xml(
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((_, n) => `<Relationship Id="r${n}" Type="${relations}/worksheet" Target="worksheets/s${n}.xml"/>`).join('')}</Relationships>`,
    ),
  };
  names.forEach((name, n) => {
    const all = sheets[name]!.map(
      (row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, r, c)).join('')}</row>`,
    );
    files[`xl/worksheets/s${n}.xml`] = xml(
      `<worksheet xmlns="${main}"><sheetData>${all.join('')}</sheetData></worksheet>`,
    );
  });
  return zipSync(files);
}

/** XML has no place for most control characters. */
function escaped(text: string): string {
  const allowed = [...text].filter((sign) => sign >= ' ' || '\t\n\r'.includes(sign)).join('');
  return allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
