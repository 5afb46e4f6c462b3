import { Command, Flags } from '@oclif/core';
import type { ErrorRecord } from './failure.js';

/** What all commands share: `--config`, `--json`, `--debug`, and errors as one line each with the exit code of their class. */
export abstract class QuorateCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    debug: Flags.boolean({ summary: 'Print where an unexpected error happened.', helpGroup: 'GLOBAL' }),
  };

  /** Words of the form `key=value`. Throws on anything else. */
  protected words(argv: readonly unknown[]): string[] {
    const words = argv.map(String);
    const flag = words.find((word) => word.startsWith('-'));
    if (flag !== undefined) this.error(`Nonexistent flag: ${flag}`, { exit: 2 });
    return words;
  }

  /** A sentence on standard error: what was done that nobody asked for. */
  protected readonly note = (message: string): void => void process.stderr.write(`${message}\n`);

  override async init(): Promise<void> {
    await super.init();
    process.once('beforeExit', this.#unfinished);
  }

  override async finally(error: Error | undefined): Promise<void> {
    process.off('beforeExit', this.#unfinished);
    await super.finally(error);
  }

  /** The program has nothing left to do although the command has not ended: something that it waits for never settles. */
  readonly #unfinished = (): void => {
    void this.#giveUp().finally(() => process.exit(2));
  };

  async #giveUp(): Promise<void> {
    const { describeFailure } = await import('./failure.js');
    const { QuorateError, waitingFor } = await import('@quorate/core');
    const { lines, records } = describeFailure(
      new QuorateError('PART_FAILED', {
        where: waitingFor().at(-1) ?? 'quorate',
        expected: 'an end',
        got: 'a promise that never settles',
        fix: 'This is a fault of the plugin; tell its author.',
      }),
    );
    if (this.jsonEnabled()) this.printErrors(records);
    else process.stderr.write(`${lines.join('\n')}\n`);
  }

  override async catch(thrown: Error): Promise<never> {
    // oclif's own ways to end a command (this.exit) pass through.
    if ((thrown as { code?: unknown }).code === 'EEXIT') throw thrown;
    const { describeFailure } = await import('./failure.js');
    const { lines, records, exitCode } = describeFailure(thrown);
    if (this.jsonEnabled()) this.printErrors(records);
    else process.stderr.write(`${lines.join('\n')}\n`);
    if (this.argv.includes('--debug') || (process.env['DEBUG'] ?? '') !== '') {
      process.stderr.write(`${thrown.stack ?? String(thrown)}\n`);
    }
    return this.exit(exitCode);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** One JSON line per problem on standard output. */
  protected printErrors(records: readonly ErrorRecord[]): void {
    for (const record of records) process.stdout.write(`${JSON.stringify(record)}\n`);
  }

  /** Prints lines, unless the caller asked for JSON. */
  protected print(lines: readonly string[]): void {
    for (const line of lines) this.log(line);
  }
}

/** `--config`, of the commands that read one. */
export const configFlag = Flags.string({
  char: 'c',
  summary: 'Configuration file. Without it: QUORATE_CONFIG, else the quorate.config.* that is found from here upwards.',
});
