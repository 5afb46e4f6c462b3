import { QuorateError } from '@quorate/core';
import { Errors } from '@oclif/core';
import { describe, expect, it } from 'vitest';
import { describeFailure } from './failure.js';

const detail = { where: 'a.yaml: seed', expected: 'a number', got: '"x"', fix: 'Write one.' };

describe('a failure', () => {
  it('of the user is one line, one record, and the exit code of its class', () => {
    const { lines, records, exitCode } = describeFailure(new QuorateError('CONFIG_INVALID', detail));
    expect(lines).toEqual(['Error: [CONFIG_INVALID] a.yaml: seed: expected a number, got "x". Write one.']);
    expect(records).toEqual([{ type: 'error', code: 'CONFIG_INVALID', ...detail }]);
    expect(exitCode).toBe(2);
    expect(describeFailure(new QuorateError('DOWNLOAD_FAILED', detail)).exitCode).toBe(1);
  });

  it('with several problems is a line and a record for each', () => {
    const cause = [detail, { ...detail, where: 'a.yaml: budget' }];
    const { lines, records } = describeFailure(new QuorateError('CONFIG_INVALID', { ...detail, cause }));
    expect(lines).toHaveLength(2);
    expect(records.map(({ where }) => where)).toEqual(['a.yaml: seed', 'a.yaml: budget']);
  });

  it('with thousands of problems is a page of them, and how many there are', () => {
    const cause = Array.from({ length: 60_000 }, (_, n) => ({ ...detail, where: `a.yaml: key${n}` }));
    const { lines, records } = describeFailure(new QuorateError('CONFIG_INVALID', { ...detail, cause }));
    expect(lines).toHaveLength(21);
    expect(records).toHaveLength(21);
    expect(lines.at(-1)).toContain('59980 more');
  });

  it('of a value that is a list of thousands is one line that people read', () => {
    const got = Array.from({ length: 60_000 }, (_, n) => `name${n}`).join(', ');
    const [line] = describeFailure(new QuorateError('DATA_INVALID', { ...detail, got, expected: got })).lines;
    expect(line!.length).toBeLessThan(2500);
    expect(line).toMatch(/name0, name1, .*\.\.\. \(\d+ characters\).* Write one\.$/);
  });

  it.each(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ENOSPC', 'EROFS', 'ENAMETOOLONG', 'EMFILE'])(
    '%s of a file is a sentence, and no bug',
    (code) => {
      const thrown = Object.assign(new Error(`${code}: raw, open '/a/b'`), { code, syscall: 'open', path: '/a/b' });
      const { lines, exitCode } = describeFailure(thrown);
      expect(exitCode).toBe(2);
      expect(lines[0]).toMatch(/: \/a\/b\. /);
      expect(lines.join()).not.toMatch(/raw|bug|E[A-Z]{4}/);
    },
  );

  it('keeps one line where a message has several', () => {
    const { lines } = describeFailure(new QuorateError('CONFIG_INVALID', { ...detail, got: 'a\n  b' }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
  });

  it('of the command line says where help is, or what the command suggests', () => {
    const plain = describeFailure(new Errors.CLIError('Nonexistent flag: --x\nSee more help with --help', { exit: 2 }));
    expect(plain.lines[0]).toBe('Error: Nonexistent flag: --x');
    expect(plain).toMatchObject({ exitCode: 2, records: [{ code: 'USAGE' }] });
    expect(plain.lines[1]).toContain('x=VALUE');
    const seed = new Errors.CLIError('Nonexistent flag: --early-stop\nSee more help with --help', { exit: 2 });
    expect(describeFailure(seed).lines[1]).toContain('earlyStop=VALUE');
    const other = new Errors.CLIError('Nonexistent flag: --out\nSee more help with --help', { exit: 2 });
    expect(describeFailure(other).lines[1]).toBe('This command has no --out; its --help says what it takes.');
    const own = new Errors.CLIError('It is already here.', { exit: 2 });
    (own as { suggestions?: string[] }).suggestions = ['--force replaces it.'];
    expect(describeFailure(own).lines[1]).toBe('--force replaces it.');
  });

  it('that nobody foresaw says that it is a bug, without its stack', () => {
    const { lines, exitCode } = describeFailure(new TypeError('x is not a function'));
    expect(exitCode).toBe(1);
    expect(lines.join('\n')).toContain('This is a bug');
    expect(lines.join('\n')).not.toMatch(/\n\s+at /);
    expect(describeFailure(undefined).lines[0]).toMatch(/^Error: ./);
  });
});
