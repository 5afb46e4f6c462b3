import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AnswerFileRequest, AnswerFiles, Registry } from '@quorate/core';
import { readAnswers, readGold } from './read.js';

/** The `T.AnswerFiles` of a run: every format that is installed, against the folder of its configuration or else `cwd`. */
export function answerFiles(registry: Registry, { cwd, baseDir }: { cwd: string; baseDir: string }): AnswerFiles {
  const request = ({ file, format = null, options = {} }: AnswerFileRequest) => {
    const place = existsSync(resolve(baseDir, file)) ? baseDir : cwd;
    return { source: file, cwd: place, format, options, skipBadRows: false, loaded: registry };
  };
  return { read: (asked) => readAnswers(request(asked)), readGold: (asked) => readGold(request(asked)) };
}
