import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry, makeRng, type Rng } from '@quorate/core';
import { agreementOf, labelsOf, pairwiseKappa, reportWorkers } from '@quorate/consensus';
import formats from '@quorate/plugin-formats';
import standard from '@quorate/plugin-standard';
import truthInference from '@quorate/plugin-truth-inference';
import { expect, it } from 'vitest';
import { describeFailure } from '../failure.js';
import { reportHtml } from '../report/report.js';
import { agreementLines } from '../terminal/agreement-view.js';
import { aggregateLines } from '../terminal/aggregate-view.js';
import { honestySentences } from '../terminal/honesty-lines.js';
import { compareLines } from '../terminal/compare-view.js';
import { workerTableLines } from '../terminal/workers-view.js';
import { aggregate } from './aggregate.js';
import { jsonChunks } from './aggregate-json.js';
import { compareMethods } from './compare-methods.js';
import { labelLines, probabilityLines, workerLines } from './csv-files.js';
import { readSources } from './read-sources.js';

const registry = new Registry([standard, truthInference, formats]);
const original = readFileSync(join(import.meta.dirname, '../../../../examples/crowd-answers/answers.csv'));

/** One to four of: a byte changed, bytes cut out, bytes doubled, something nasty put in, the end cut off. */
function mutated(rng: Rng): Uint8Array {
  let bytes = Buffer.from(original);
  const nasty = [
    '"',
    '\n',
    '\r\n',
    ',',
    '\u0000',
    '\ufeff',
    'NaN',
    ',,,',
    '=1+1',
    '💥',
    '\t',
    '{"a":',
    '][',
    '__proto__',
    '1e999',
    "'",
  ];
  for (let n = 1 + rng.int(4); n > 0 && bytes.length > 0; n--) {
    const at = rng.int(bytes.length);
    const span = 1 + rng.int(60);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const kind = rng.int(5);
    if (kind === 0) bytes[at] = rng.int(256);
    else if (kind === 1) bytes = Buffer.concat([before, after.subarray(span)]);
    else if (kind === 2) bytes = Buffer.concat([before, after.subarray(0, span), after]);
    else if (kind === 3) bytes = Buffer.concat([before, Buffer.from(nasty[rng.int(nasty.length)]!), after]);
    else bytes = Buffer.from(rng.int(2) === 0 ? before : after);
  }
  return bytes;
}

/** What `aggregate` does without any flag. */
const plain = {
  registry,
  options: {},
  seed: 0,
  gold: [],
  probabilities: null,
  state: null,
  stateName: null,
  settle: true,
  force: false,
};

async function everything(bytes: Uint8Array, skipBadRows: boolean): Promise<void> {
  const stdin = (async function* () {
    yield bytes;
  })();
  const tables = await readSources({
    sources: ['-'],
    format: null,
    formatOptions: {},
    skipBadRows,
    registry,
    cwd: '.',
    stdin,
  });
  const setting = { ...plain, tables };
  const { consensus, notes, badRows } = await aggregate({ ...setting, aggregator: 'dawid_skene_map' });
  const labels = labelsOf(consensus, 0.8);
  const workers = reportWorkers(consensus);
  const { answers } = consensus;
  const agreement = agreementOf(answers.index);
  const facts = {
    title: 'x',
    consensus,
    labels,
    workers,
    agreement,
    aggregator: 'dawid_skene_map',
    reviewBelow: 0.8,
    notes,
    badRows,
    honesty: honestySentences(consensus, labels, 'dawid_skene_map', 'x'),
    files: [],
  };
  const written = [
    ...labelLines(consensus, labels),
    ...probabilityLines(consensus, labels),
    ...workerLines(workers),
    ...jsonChunks({ head: { workers }, consensus, labels, probabilities: true }),
  ].join('');
  // A label may well be called NaN after this; a figure may not.
  expect(written.includes('NaN') && !Buffer.from(bytes).includes('NaN')).toBe(false);
  const shown = [
    ...aggregateLines(facts),
    ...workerTableLines(workers, 30),
    ...agreementLines('x', answers, agreement, pairwiseKappa(answers.index, { maxWorkers: 50, minTasks: 1 })),
  ]
    .join('\n')
    .split('\n');
  expect(shown.filter((line) => [...line].length > 80)).toEqual([]);
}

it('300 mutated files end in labels or in a mistake that a person can fix', async () => {
  const rng = makeRng('mutations');
  let labelled = 0;
  for (let n = 0; n < 300; n++) {
    const bytes = mutated(rng);
    try {
      await everything(bytes, n % 2 === 0);
      labelled++;
    } catch (thrown) {
      const { exitCode, lines } = describeFailure(thrown);
      expect(
        `${exitCode} ${lines.join()} ${(thrown as Error).stack}`,
        JSON.stringify(Buffer.from(bytes).toString('latin1')),
      ).toMatch(/^2 /);
    }
  }
  expect(labelled).toBeGreaterThan(100);
});

it('the report and the comparison stand strange names, and fit 80 columns', async () => {
  const text =
    'task,worker,label\n"<script>alert(1)</script>","a,""b""\nc",<b>&amp;\n"<script>alert(1)</script>",漢字漢字漢字漢字漢字漢字漢字漢字,x\nt2,漢字漢字漢字漢字漢字漢字漢字漢字,x\n';
  const stdin = (async function* () {
    yield Buffer.from(text);
  })();
  const tables = await readSources({
    sources: ['-'],
    format: null,
    formatOptions: {},
    skipBadRows: false,
    registry,
    cwd: '.',
    stdin,
  });
  const setting = { ...plain, tables };
  const { consensus, notes } = await aggregate({ ...setting, aggregator: 'one_coin' });
  const [labels, workers, agreement] = [
    labelsOf(consensus, 0.8),
    reportWorkers(consensus),
    agreementOf(consensus.answers.index),
  ];
  const html = reportHtml({
    title: '<i>',
    consensus,
    labels,
    workers,
    agreement,
    aggregator: 'one_coin',
    reviewBelow: 0.8,
    notes,
    honesty: ['<b>'],
    made: { date: '2026-01-02', version: '9.9.9' },
  });
  expect(html).not.toMatch(/<script|<b>|<i>|src=|href=/);
  expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(3);
  expect([...labelLines(consensus, labels)][1]).toMatch(/^<script>alert\(1\)<\/script>,x,/);
  const comparison = await compareMethods({ registry, answers: consensus.answers, gold: [['t2', 'x']], seed: 0 });
  expect(comparison.notRun.map(({ name }) => name)).toEqual(expect.arrayContaining(['bayes', 'crowdlab']));
  for (const line of compareLines('x', comparison).join('\n').split('\n'))
    expect(line.length, line).toBeLessThanOrEqual(80);
});
