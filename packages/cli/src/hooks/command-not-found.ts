import type { Hook } from '@oclif/core';

/** A mistyped command: one line, with the nearest one that exists, and exit code 2. */
const hook: Hook<'command_not_found'> = async function ({ id, config, argv = [] }) {
  const { nearest } = await import('@quorate/core');
  const words = id.split(':');
  const known = [...config.commandIDs, ...config.topics.map(({ name }) => name)].map((one) => one.split(':'));
  let [typed, near]: [string, string | undefined] = [words.join(' '), undefined];
  // What follows a mistyped command arrives as part of its id: only the first words can be the command.
  for (let length = Math.min(words.length, 3); length > 0 && near === undefined; length--) {
    const start = words.slice(0, length).join(' ');
    near = nearest(
      start,
      known.filter((one) => one.length === length).map((one) => one.join(' ')),
    );
    if (near !== undefined && near !== start) typed = start;
  }
  const fix = near === undefined ? 'quorate --help lists the commands.' : `Did you mean "quorate ${near}"?`;
  const record = { type: 'error', code: 'USAGE', where: 'command line', expected: 'a command', got: typed, fix };
  if ([id, ...argv].includes('--json')) process.stdout.write(`${JSON.stringify(record)}\n`);
  else process.stderr.write(`Error: "${typed}" is not a quorate command. ${fix}\n`);
  this.exit(2);
};

export default hook;
