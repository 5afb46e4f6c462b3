#!/usr/bin/env node
import module from 'node:module';

// Node 22.8 and later keep what V8 compiled, and start sooner.
module.enableCompileCache?.();
const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  // The same line as oclif prints, without loading oclif: scripts ask for it often.
  const { readFileSync } = await import('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { execute, settings } = await import('@oclif/core');
  // What is built, also where NODE_ENV is "test" or "development" and oclif would load a compiler.
  settings.enableAutoTranspile = false;
  await execute({ dir: import.meta.url });
}
