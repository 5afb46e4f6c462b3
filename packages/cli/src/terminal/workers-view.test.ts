import type { WorkerReport } from '@quorate/consensus';
import columnsOf from 'string-width';
import { expect, it } from 'vitest';
import { shown } from './answers-text.js';
import { wrap } from './format.js';
import { flagLines, workerTableLines } from './workers-view.js';

const wide = 'スーパーの、とても長い「名前」です。';

function report(worker: string, from: string, flags: WorkerReport['flags'], answers = 1_234_567): WorkerReport {
  const skill = { skill: 0.5, skillLow: 0.25, skillHigh: 0.75, compared: answers, modelSkill: null };
  const worstConfusion = { from, to: 'x'.repeat(90), share: 1 };
  return { worker, answers, skips: 0, agreement: null, flags, ...skill, worstConfusion };
}

it('fits 80 columns with any ids, classes and flags, and gives what is left to the names of classes', () => {
  const flag = (name: 'adversarial' | 'copier') => ({ flag: name, p: 1e-9, evidence: `${'x'.repeat(90)} ${wide}` });
  const workers = [
    report('x'.repeat(90), wide, [flag('adversarial'), flag('copier')]),
    report(wide.repeat(3), 'é'.repeat(40), []),
    report('👍🏽'.repeat(30), '👍🏽'.repeat(30), [flag('copier')]),
  ];
  const lines = [...workerTableLines(workers, 9), ...flagLines(workers, 9)].join('\n').split('\n');
  for (const line of lines) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
  expect(lines.join('\n')).toContain('│ adversarial +1 │');
  expect(workerTableLines([report('w', 'a class', [], 9)], 9).join('\n')).toContain('│ a class→xxxxxxxxxxx… 100% │');
});

it('cuts and wraps by columns, between what a reader takes for characters', () => {
  expect(shown('e\u0301e\u0301e\u0301', 3)).toBe('e\u0301e\u0301e\u0301');
  expect(shown('e\u0301e\u0301e\u0301e\u0301', 3)).toBe('e\u0301e\u0301…');
  expect(shown('漢字漢', 6)).toBe('漢字漢');
  expect(shown('漢字漢', 5)).toBe('漢字…');
  expect(shown('漢字漢', 4)).toBe('漢…');
  expect(shown('👍🏽👍🏽', 3)).toBe('👍🏽…');
  expect(wrap('漢字 漢字 漢字', 9)).toEqual(['漢字 漢字', '漢字']);
});
