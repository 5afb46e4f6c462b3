import type { Hook } from '@oclif/core';

/** A mistyped command: one line, with the nearest one that exists, and exit code 2. */
const hook: Hook<'command_not_found'> = async function ({ id, config, argv = [] }) {
  const { nearest } = await import('@quorate/core');
  const typed = id.replaceAll(':', ' ');
  const near = nearest(
    typed,
    config.commandIDs.map((one) => one.replaceAll(':', ' ')),
  );
  const fix = near === undefined ? 'quorate --help lists the commands.' : `Did you mean "quorate ${near}"?`;
  const record = { type: 'error', code: 'USAGE', where: 'command line', expected: 'a command', got: typed, fix };
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(record)}\n`);
  else process.stderr.write(`Error: "${typed}" is not a quorate command. ${fix}\n`);
  this.exit(2);
};

export default hook;
