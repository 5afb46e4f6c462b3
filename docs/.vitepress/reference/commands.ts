import { join } from 'node:path';
import { Config, type Command } from '@oclif/core';
import { code, prose, table, type Page } from './markdown.js';

const cli = join(import.meta.dirname, '../../../packages/cli');

/** One page for each command of the built command line, and a list of them. */
export async function commandPages(): Promise<Page[]> {
  const config = await Config.load({ root: cli });
  const commands = config.commands
    .filter(({ hidden, pluginName }) => !hidden && pluginName === 'quorate')
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const pages: Page[] = commands.map((command) => [`reference/commands/${fileOf(command)}.md`, page(command)]);
  const rows = commands.map((command) => {
    return [`[\`${nameOf(command)}\`](./${fileOf(command)})`, prose(filled(command.summary ?? ''))];
  });
  const index = [
    '# Commands',
    '',
    'Every command takes `--help`, `--json` and `--debug`. Exit codes: 0 done, 1 failure, 2 something to correct, 130 interrupted.',
    '',
    table(['command', 'what it does'], rows),
    '',
    'The shape of what `--json` prints is in the [README of the command line](../../packages/cli/README.md#output).',
    '',
  ];
  return [['reference/commands/index.md', index.join('\n')], ...pages];
}

const nameOf = ({ id }: Command.Loadable): string => id.replaceAll(':', ' ');
const fileOf = ({ id }: Command.Loadable): string => id.replaceAll(':', '-');

/** oclif's templates in summaries and examples. */
function filled(text: string): string {
  return text.replace(/<%= *config\.bin *%>/g, 'quorate').replace(/<%= *command\.id *%>/g, '');
}

function page(command: Command.Loadable): string {
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const args = Object.values(command.args).filter(({ hidden }) => !hidden);
  const usage = [command.usage].flat()[0] ?? usageOf(command, args);
  const examples = (command.examples ?? []).map((example) =>
    filled(typeof example === 'string' ? example : example.command),
  );
  return [
    `# quorate ${nameOf(command)}`,
    '',
    prose(filled(command.summary ?? '')),
    '',
    ...paragraphs(filled(command.description ?? '')),
    '```text',
    `quorate ${usage}`,
    '```',
    '',
    ...(args.length === 0 ? [] : ['## Arguments', '', table(['argument', 'what it is'], args.map(argRow)), '']),
    ...(flags.length === 0 ? [] : ['## Flags', '', table(['flag', 'what it does', 'default'], flags.map(flagRow)), '']),
    ...(examples.length === 0 ? [] : ['## Examples', '', '```text', ...examples, '```', '']),
  ].join('\n');
}

const paragraphs = (text: string): string[] =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => prose(paragraph.trim()))
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph) => [paragraph, '']);

function usageOf(command: Command.Loadable, args: readonly Command.Arg.Cached[]): string {
  const words = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  return [nameOf(command), ...words, '[FLAGS]'].join(' ');
}

function argRow({ name, description, required }: Command.Arg.Cached): string[] {
  return [code(name.toUpperCase()), `${prose(description ?? '')}${required ? ' Required.' : ''}`];
}

function flagRow(flag: Command.Flag.Cached): string[] {
  const { name, char, summary, description } = flag;
  const short = char === undefined ? '' : `-${char}, `;
  const takes =
    flag.type === 'option' ? ` ${flag.options?.join('|') ?? [flag.helpValue ?? 'VALUE'].flat().join('|')}` : '';
  const fallback = flag.type === 'option' && flag.default !== undefined ? String(flag.default) : '';
  return [code(`${short}--${name}${takes}`), prose(filled(summary ?? description ?? '')), code(fallback)];
}
