import { Flags } from '@oclif/core';
import { QuorateCommand, configFlag } from '../quorate-command.js';

export default class Doctor extends QuorateCommand {
  static override summary = 'Look at everything that a run here depends on, and say what is missing and how to get it.';
  static override description = 'Exit codes: 0 nothing is wrong (hints are no fault), 2 something to correct.';
  static override flags = {
    config: configFlag,
    quick: Flags.boolean({ summary: 'Do not time the learner backends (one to two seconds each).' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const { examine } = await import('../doctor/checks.js');
    const { prepareRequest } = await import('../prepare-request.js');
    const { columns, paintFor } = await import('../terminal/format.js');
    const checks = await examine(prepareRequest({ words: [], config: flags.config }), flags.quick);
    const paint = paintFor(process.stdout, process.env);
    const signs = { ok: paint.green('ok     '), hint: paint.yellow('hint   '), problem: paint.red('problem') };
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, state, text } of checks) {
      const [first = '', ...more] = columns([[name.padEnd(width), text]], 71);
      this.print([`${signs[state]}  ${first}`, ...more.map((line) => `         ${line}`)]);
    }
    const ok = checks.every(({ state }) => state !== 'problem');
    if (!ok) process.exitCode = 2;
    return { ok, checks };
  }
}
