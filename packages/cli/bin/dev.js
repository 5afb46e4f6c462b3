#!/usr/bin/env node
// From the sources: node --conditions=@quorate/source --import tsx packages/cli/bin/dev.js
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execute, settings } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const pjson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// No guessing by oclif, no dependence on the TypeScript API.
pjson.oclif.commands = './src/commands';
pjson.oclif.helpClass = './src/help.ts';
pjson.oclif.hooks = { command_not_found: './src/hooks/command-not-found.ts' };
settings.enableAutoTranspile = false;
await execute({ development: true, dir: import.meta.url, loadOptions: { root, pjson } });
