import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { packagesBelow, root, walk } from './sources.js';

/** The one place that writes: locks, temporaries, inputs, links and devices are looked after there. */
const DISK = 'packages/host/src/disk/';
/** What others may do to the disk all the same: nothing here can harm a file of the user. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // They start npm, git and a program that tries a backend.
  'packages/cli/src/commands/generate/plugin.ts': ['node:child_process'],
  'packages/cli/src/commands/plugins/install.ts': ['node:child_process'],
  'packages/cli/src/doctor/backends.ts': ['node:child_process'],
  // Starts the processes that do the runs of a sweep.
  'packages/sweep/src/executor/child-pool.ts': ['node:child_process'],
  // Starts the user's model.
  'plugins/python-learner/src/python-process.ts': ['node:child_process'],
  // Of our own temporary folder, and the user's cache.
  'packages/sweep/src/estimate.ts': ['mkdtempSync', 'rmSync'],
  'packages/engine/src/run/create.ts': ['mkdtempSync', 'rmSync'],
  'packages/engine/src/run/run.ts': ['rmSync'],
  'packages/cli/src/doctor/checks.ts': ['mkdirSync'],
  // Where the library keeps what it found about newer versions.
  'packages/cli/src/update-notice.ts': ['mkdirSync'],
  'plugins/mnist/src/feature-cache.ts': ['mkdir', 'rename', 'rm', 'writeFile'],
  // It waits for the disk where SQLite has written.
  'packages/campaign/src/journal/group-commit.ts': ['fsync'],
  // Answers that were paid for, appended in a folder of their own below the user's cache, or the one that they name.
  'plugins/model-workers/src/answer-cache.ts': ['fsyncSync', 'mkdirSync', 'open', 'writeSync'],
  // On a descriptor that `openInPlace` gave.
  'packages/extract/src/output.ts': ['fsyncSync', 'ftruncateSync', 'writeSync'],
};

const writers =
  /^(append|chmod|chown|copyFile|cp|createWriteStream|fchmod|fsync|ftruncate|futimes|link|mkdir|mkdtemp|rename|rm|rmdir|symlink|truncate|unlink|utimes|write|writeFile|writev|lchown|lutimes)/;
const onFiles = /^(node:)?fs(\/promises)?$/;
/** Programs and libraries that write by themselves. */
const others = /^(node:)?(child_process|sqlite)$|^(fs-extra|graceful-fs|write-file-atomic|tmp|rimraf|proper-lockfile)$/;

/** Names that a source takes from the file system and that write; `*` where it takes the whole of it. */
function writersIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const from = node.moduleSpecifier.text;
      const { importClause } = node;
      const bindings = importClause?.namedBindings;
      if (others.test(from)) found.push(from);
      if (onFiles.test(from) && importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) {
        if (importClause?.name || (bindings && ts.isNamespaceImport(bindings))) found.push('*');
        else if (bindings && ts.isNamedImports(bindings)) {
          for (const { name, propertyName, isTypeOnly } of bindings.elements) {
            const taken = (propertyName ?? name).text;
            if (!isTypeOnly && (writers.test(taken) || taken === 'promises' || taken === 'default')) found.push(taken);
          }
        }
      }
    }
    const called = ts.isCallExpression(node) ? node : undefined;
    const [argument] = called?.arguments ?? [];
    const loads =
      called &&
      (called.expression.kind === ts.SyntaxKind.ImportKeyword ||
        /require$|getBuiltinModule$/.test(called.expression.getText()));
    if (loads && argument && ts.isStringLiteral(argument) && onFiles.test(argument.text)) found.push('*');
    // `open` of node:fs/promises and of node:fs reads unless it is told otherwise.
    if (called && /\bopen(Sync)?$/.test(called.expression.getText()) && called.arguments.length > 1) {
      const flags = called.arguments[1]!.getText();
      if (/^['"](a|w|r\+)/.test(flags) || /O_(WRONLY|RDWR|CREAT|APPEND|TRUNC)/.test(flags)) found.push('open');
    }
    ts.forEachChild(node, visit);
  };
  if (!/\b(fs|child_process|sqlite|fs-extra|write-file-atomic|tmp|rimraf|proper-lockfile)\b/.test(text)) return [];
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return [...new Set(found)].sort();
}

const sources = [...packagesBelow('packages'), ...packagesBelow('plugins')]
  .flatMap((folder) => walk(`${folder}/src`))
  .filter((file) => !/\.(test|fixture)\.ts$/.test(file) && !file.startsWith(DISK));

it('every file is written by one mechanism', () => {
  const found = sources.map((file) => [file, writersIn(file, readFileSync(join(root, file), 'utf8'))] as const);
  const elsewhere = Object.fromEntries(found.filter(([, names]) => names.length > 0));
  expect(elsewhere).toEqual(exceptions);
});

it.each([
  ["import { writeFileSync as put } from 'node:fs'", ['writeFileSync']],
  ["import { readFile, rm } from 'fs/promises'", ['rm']],
  ["import * as fs from 'node:fs'", ['*']],
  ["import fs from 'fs'", ['*']],
  ["const fs = await import('node:fs/promises')", ['*']],
  ["const fs = require('fs')", ['*']],
  ["import { open } from 'node:fs/promises'; await open(file, 'w')", ['open']],
  ["import { openSync } from 'node:fs'; openSync(file, constants.O_RDWR)", ['open']],
  ["import { execFileSync } from 'node:child_process'", ['node:child_process']],
  ["import { open, readFile } from 'node:fs/promises'; await open(file, 'r')", []],
  ["import type { Stats } from 'node:fs'", []],
])('finds what %j takes', (text, names) => {
  expect(writersIn('x.ts', text)).toEqual(names);
});
