import { Help } from '@oclif/core';

const examples: readonly (readonly [does: string, command: string])[] = [
  ['One label per task, from the answers of a crowd in a file', 'aggregate answers.csv --out labels'],
  ['How good each worker is', 'workers answers.csv'],
  ['A complete campaign with simulated workers', 'run'],
  ['Write a configuration for your own data', 'init'],
  ['What is missing on this machine, and how to get it', 'doctor'],
];

/** The help of oclif, with examples in that of `quorate --help`. */
export default class QuorateHelp extends Help {
  override formatRoot(): string {
    const body = examples.map(([does, command]) => `${does}\n\n  $ quorate ${command}`).join('\n\n');
    return `${super.formatRoot()}\n\n${this.section('EXAMPLES', body)}`;
  }
}
