#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import module from 'node:module';

// Node 22.8 and later keep what V8 compiled, and start sooner.
module.enableCompileCache?.();
const words = process.argv.slice(2);
const pkg = () => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  // The same line as oclif prints, without loading oclif: scripts ask for it often.
  const { name, version } = pkg();
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { execute, settings } = await import('@oclif/core');
  // What is built, also where NODE_ENV is "test" or "development" and oclif would load a compiler.
  settings.enableAutoTranspile = false;
  await execute({ dir: import.meta.url });
  const { noticeUpdate, updateNoticeWanted } = await import('../dist/update-notice.js');
  const terminal = process.stdout.isTTY && process.stderr.isTTY;
  if (updateNoticeWanted({ env: process.env, words, terminal })) await noticeUpdate(pkg());
}
