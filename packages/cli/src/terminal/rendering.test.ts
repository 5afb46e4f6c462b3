import type { AuditReport, Scores, StepRecord } from '@quorate/engine';
import { describe, expect, it } from 'vitest';
import { auditLines } from './audit-lines.js';
import { curveLines } from './curve.js';
import { bar, clip, columns, duration, paintFor, percent, plain, shellWord, size, wrap } from './format.js';
import { headerLines, isPrinted, liveLines, plainLine, secondsLeft, type RunFacts } from './progress.js';
import { resumeCommand, summaryLines, type Ending } from './summary.js';

const ESCAPE = '\u001b';

const facts: RunFacts = {
  title: 'imagenet_100_classes · efficient_annotation · amt_structured_noise · seed 12345',
  folder: '/tmp/runs/imagenet_100_classes-efficient_annotation',
  items: 125_689,
  classes: 100,
  workers: 50,
  budget: 400_000,
  moneyBudget: null,
  currency: '',
  riskThreshold: 0.1,
  resumedFrom: 17,
  backend: { name: 'onnx', auto: true },
  calibration: null,
};

function scores(top1: number, items: number): Scores {
  const one = {
    top1,
    top5: Math.min(1, top1 + 0.1),
    top10: 1,
    correct: Math.round(top1 * items),
    incorrect: 0,
    ece: 0.012,
  };
  return { all: one, valid: one, open: { top1: null, top5: null, top10: null, correct: 0, incorrect: 0, ece: null } };
}

function record(step: number, top1: number | null, learner = false): StepRecord {
  const validShare = Math.min(1, step / 100);
  return {
    step,
    annotations: step * 2000,
    annotationsPerItem: (step * 2000) / facts.items,
    valid: Math.round(validShare * facts.items),
    validShare,
    labelled: validShare,
    aggregate: top1 === null ? null : scores(top1, facts.items),
    learner: learner && top1 !== null ? scores(top1, facts.items) : null,
  };
}

const run = (truth: boolean): StepRecord[] =>
  Array.from({ length: 101 }, (_, step) => record(step, truth ? 1 - Math.exp(-step / 40) : null));

describe('the live view', () => {
  const state = { seconds: 3723, stopping: false, phase: 'infer' };

  it('fits any width from 40 to 200 columns, and one line per fact', () => {
    for (let width = 40; width <= 200; width += 10) {
      const lines = liveLines(record(55, 0.71), facts, [], state, plain, width);
      expect(lines).toHaveLength(4);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it('says the accuracy only where the truth is known', () => {
    expect(liveLines(record(5, 0.5), facts, [], state, plain, 79).join()).toContain('accuracy');
    expect(liveLines(record(5, null), facts, [], state, plain, 79).join()).not.toContain('accuracy');
  });

  it('says that it is stopping', () => {
    const lines = liveLines(record(5, 0.5), facts, [], { ...state, stopping: true }, plain, 79);
    expect(lines.at(-1)).toContain('stopping after this step');
  });
});

describe('the time left', () => {
  const steady = Array.from({ length: 11 }, (_, t) => ({ seconds: t, annotations: 100 * t, valid: 10 * t }));

  it('is what is left at the present pace, by the first of goal and budget', () => {
    expect(secondsLeft(steady, 200, null)).toBeCloseTo(10);
    expect(secondsLeft(steady, 200, 1500)).toBeCloseTo(5);
    expect(secondsLeft(steady, 100, 1500)).toBeCloseTo(0);
  });

  it('is not known from too little', () => {
    expect(secondsLeft([], 200, null)).toBeNull();
    expect(secondsLeft(steady.slice(0, 3), 200, null)).toBeNull();
    expect(
      secondsLeft(
        steady.map((m) => ({ ...m, valid: 3 })),
        200,
        null,
      ),
    ).toBeNull();
  });
});

describe('plain lines', () => {
  it('fit 80 columns and line up', () => {
    const lines = run(true).map(plainLine);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[0]!.length).toBeLessThanOrEqual(80);
    expect(plainLine(record(3, null))).not.toContain('accuracy');
  });

  it('grow rarer with the steps', () => {
    const printed = (steps: number): number => Array.from({ length: steps }, (_, s) => s).filter(isPrinted).length;
    expect(printed(20)).toBe(20);
    expect(printed(1000)).toBeLessThan(60);
  });

  it('begin with a header that fits', () => {
    for (const line of headerLines(facts, 'x'.repeat(300), plain, 80)) expect(line.length).toBeLessThanOrEqual(80);
    const lines = headerLines(facts, '', plain, 80);
    expect(lines).toContain('resumed at step 17');
    expect(lines).toContain('learner on onnx, the fastest backend that starts here');
    const named = { ...facts, backend: { name: 'onnx', auto: false } };
    expect(headerLines(named, '', plain, 80)).toContain('learner on onnx');
    expect(headerLines({ ...facts, backend: null }, '', plain, 80).join()).not.toContain('learner');
  });
});

describe('the summary', () => {
  const endings: Ending[] = [
    { stopped: 'done', why: 'no task is open that may be asked about', last: record(100, 0.9) },
    { stopped: 'budget', why: 'the budget of 400000 annotations is spent', last: record(100, 0.9, true) },
    { stopped: 'rule', why: 'w '.repeat(100), last: record(100, null) },
    { stopped: 'interrupted', why: 'it was interrupted', last: record(0, 0.01) },
  ];

  it('fits 80 columns without colours, however the run ended', () => {
    for (const ending of endings) {
      const text = summaryLines(ending, facts, 4000).join('\n');
      expect(text).not.toContain(ESCAPE);
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  it('has accuracies where the truth is known, and shares where it is not', () => {
    expect(summaryLines(endings[0]!, facts, 1).join('\n')).toMatch(/│ all .*│ 125,689 │ +90\.0 %/);
    expect(summaryLines(endings[1]!, facts, 1).join('\n')).toContain('all, by the learner');
    expect(summaryLines(endings[2]!, facts, 1).join('\n')).not.toContain('accuracy');
  });

  it('says what a majority vote of the same workers would have come to', () => {
    const majority = { annotationsPerItem: 3, accuracy: 0.8364, items: 2000 };
    const said = (step: number) =>
      summaryLines({ ...endings[0]!, last: record(step, 0.9), majority }, facts, 1).slice(2);
    expect(said(20).join(' ')).toMatch(/3\.000 per task, 9\.4 times as many, accuracy 83\.6 % \(measured on 2,000/);
    expect(said(200).join(' ')).not.toContain('times');
    for (const line of [...said(0), ...said(20)].flatMap((text) => text.split('\n')))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it('names a command that a shell reads back', () => {
    expect(resumeCommand('runs/a')).toBe('quorate run --out runs/a --resume');
    expect(resumeCommand("it's here")).toBe(String.raw`quorate run --out 'it'\''s here' --resume`);
  });
});

describe('the curve', () => {
  it('fits 80 columns and says what its axes are', () => {
    for (const truth of [true, false]) {
      const lines = curveLines(run(truth));
      expect(lines.length).toBeLessThanOrEqual(20);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
      expect(lines[0]).toContain(truth ? 'accuracy' : 'valid tasks');
      expect(lines.at(-1)).toContain('annotations per task');
    }
  });

  it('survives flat, short, narrow and unfinished curves', () => {
    expect(curveLines([])).toEqual([]);
    expect(curveLines([record(0, 0.5)])).toEqual([]);
    for (const values of [
      [1, 1, 1],
      [0, 0],
      [0.5, 0.501],
      [0.9, 0.1, 0.9],
    ]) {
      expect(curveLines(values.map((top1, step) => record(step, top1))).length).toBeGreaterThan(4);
    }
  });

  it('ends at the last value', () => {
    const lines = curveLines([record(0, 0), record(1, 0.5), record(2, 1)]);
    expect(lines[1]).toMatch(/^ +100 .*─$/);
  });
});

describe('formats', () => {
  it('read well at their borders', () => {
    expect([0, 9.94, 10, 59.4, 60, 3599, 3600, 7325].map(duration)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min 0 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 2 min',
    ]);
    expect([0, 999, 1000, 1_050_000, 1_029_000_000].map(size)).toEqual(['0 B', '999 B', '1.0 kB', '1.1 MB', '1.0 GB']);
    expect([null, 0, 1].map(percent)).toEqual(['–', '0.0 %', '100.0 %']);
    expect([bar(0, 4), bar(0.5, 4), bar(7, 4)]).toEqual(['░░░░', '██░░', '████']);
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(wrap('aa bb cc', 5)).toEqual(['aa bb', 'cc']);
    expect(shellWord('a b')).toBe(`'a b'`);
  });

  it('put cells under each other', () => {
    expect(
      columns(
        [
          ['a', 'x y'],
          ['bbb', 'z'],
        ],
        30,
        2,
      ),
    ).toEqual(['  a    x y', '  bbb  z']);
  });

  it('colour only a terminal, and not with NO_COLOR', () => {
    expect(paintFor({ isTTY: true }, {}).bold('x')).toContain(ESCAPE);
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' }).bold('x')).toBe('x');
    expect(paintFor({}, {}).bold('x')).toBe('x');
  });
});

describe('what an audit has shown', () => {
  const round = { round: 1, step: 9, certified: true, why: 'few were wrong', labels: 5000, audits: 140, errors: 1 };
  const recalibration = { power: 0.7, mix: 0.02 };
  const report: AuditReport = {
    certified: true,
    why: round.why,
    maxError: 0.05,
    confidence: 0.9999,
    audits: 140,
    errors: 1,
    labels: 5000,
    bound: 0.04961,
    boundCorrected: 0.04941,
    needsReview: 0,
    recalibration,
    assumes: ['the expert is right', 'the order is random'],
    rounds: [{ ...round, bound: 0.04961, confidence: 0.999966, recalibration }],
    truth: null,
  };

  it('fits 80 columns, and rounds to the safe side', () => {
    const lines = auditLines(report);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    const text = lines.join(' ');
    expect(text).toContain('Certified: at most 5 % of 5,000 labels are wrong, with 99.99 % confidence.');
    expect(text).toContain('at most 5.0 % were wrong, and at most 5.0 % are after the corrections (with 99.99 %');
    expect(text).toContain('Assumes that the expert is right; that the order is random.');
    expect(text).not.toMatch(/100 %|need review|ECE/);
  });

  it('says that it is not certified, why, what needs review, and what is true where that is known', () => {
    const truth = { error: 0.081, coveredError: 0.081, eceBefore: 0.07, eceAfter: null };
    const failed = { ...report, certified: false, why: '9 of 60 were wrong', needsReview: 4860, truth };
    const text = auditLines({
      ...failed,
      rounds: [round, round].map((one) => ({ ...report.rounds[0]!, ...one })),
    }).join(' ');
    expect(text).toMatch(/^Not certified .*: 9 of 60 were wrong\./);
    expect(text).toContain('in 2 rounds');
    expect(text).toContain('4,860 of the delivered labels need review');
    expect(text).toContain('ECE of what was not audited 0.070 before, – after');
    expect(text).toContain('True share of wrong labels, as delivered: 8.1 %.');
  });

  it('says what was claimed where the run calibrates, not that it recalibrates', () => {
    const calibrated = { ...report, rounds: [{ ...report.rounds[0]!, claimed: 0.9 }] };
    const text = auditLines(calibrated).join(' ');
    expect(text).toContain('is calibrated with the audits: 99.3 % of the audited labels were right, claimed 90.0 %');
    expect(text).not.toContain('recalibrated');
  });

  it('is part of the summary, with its files', () => {
    const ending: Ending = { stopped: 'done', why: 'no task is open', last: record(100, 0.9), audit: report };
    const text = summaryLines(ending, facts, 65).join('\n');
    expect(text).toContain('Certified');
    expect(text).toContain('audits.csv');
    expect(summaryLines({ ...ending, audit: null }, facts, 65).join('\n')).not.toContain('audit');
  });
});
