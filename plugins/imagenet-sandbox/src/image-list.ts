import { QuorateError } from '@quorate/core';
import { imagesOf } from './image-counts.js';

/** The images of the source, by row. */
export interface ImageList {
  /** Unique ids, one a row. */
  readonly ids: readonly string[];
  /** WordNet id of the class of each row. */
  readonly wnids: readonly string[];
}

/**
 * Parses the published list: one image a line, `<wnid>/<file>`, anything after the first space ignored. Line r is row r
 * of the features. Throws DATA_INVALID with the line's number.
 *
 * @param file Name for error messages.
 */
export function parseImageList(text: string, file: string): ImageList {
  const lines = text.replace(/\s+$/, '').split('\n');
  const seen = new Set<string>();
  const wnids: string[] = [];
  lines.forEach((line, row) => {
    const id = /^[^ \t\r]*/.exec(line)![0];
    const slash = id.indexOf('/');
    if (slash < 1 || slash === id.length - 1) {
      throw refused(file, row, 'an image path <wnid>/<file>', JSON.stringify(line.slice(0, 80)));
    }
    if (seen.has(id)) throw refused(file, row, 'every image once', `"${id}" again`);
    seen.add(id);
    wnids.push(id.slice(0, slash));
  });
  return { ids: [...seen], wnids };
}

function refused(file: string, row: number, expected: string, got: string): QuorateError {
  const fix = 'Repair that line, or use the published file unchanged.';
  return new QuorateError('DATA_INVALID', { where: `${file}, line ${row + 1}`, expected, got, fix });
}

/** As many images of each of the 100 classes as the paper has, under made-up ids: `n02105505/0001`, ... */
export function paperImageList(): ImageList {
  const ids: string[] = [];
  const wnids: string[] = [];
  for (const [wnid, images] of imagesOf) {
    for (let n = 1; n <= images; n++) {
      ids.push(`${wnid}/${String(n).padStart(4, '0')}`);
      wnids.push(wnid);
    }
  }
  return { ids, wnids };
}
