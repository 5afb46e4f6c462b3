import { statSync } from 'node:fs';
import { messageOf } from '@quorate/core';
import { listFolder } from './folder.js';
import { invalid } from './invalid.js';
import type { Subjects, SubjectsRequest } from './subjects.js';
import { readTable } from './table.js';

/** Lists the images of a folder or the rows of a CSV file. Throws DATA_INVALID where there is nothing to read. */
export async function findSubjects(request: SubjectsRequest): Promise<Subjects> {
  const { name, path, labelsFromFolders, columns } = request;
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (cause) {
    throw invalid(
      name,
      'a folder of images or a CSV file',
      (cause as { code?: unknown }).code === 'ENOENT' ? 'nothing of that name' : messageOf(cause),
      'Correct the path.',
    );
  }
  const asked = Object.entries(columns).filter(([, column]) => column !== null);
  if (folder && asked.length > 0) {
    const fix = 'Leave it out, or give a CSV file instead of a folder.';
    throw invalid(name, `a CSV file for --${asked[0]![0]}-column`, 'a folder', fix);
  }
  if (!folder && labelsFromFolders) {
    throw invalid(name, 'a folder for --labels-from-folders', 'a file', 'Leave it out; --label-column names a column.');
  }
  return folder ? listFolder(request) : readTable(request);
}
