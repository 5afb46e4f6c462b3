import { AnswerTableBuilder, Registry, type AnswerTable } from '@quorate/core';
import { agreementOf, labelsOf, reportWorkers } from '@quorate/consensus';
import truthInference from '@quorate/plugin-truth-inference';
import { expect, it } from 'vitest';
import { aggregate } from '../answers/aggregate.js';
import { reportHtml } from './report.js';

const registry = new Registry([truthInference]);

async function reportOf(
  table: AnswerTable,
  aggregator = 'one_coin',
  gold: readonly (readonly [string, string])[] = [],
): Promise<string> {
  const request = { registry, aggregator, options: {}, seed: 0, gold, probabilities: null };
  const tables = [{ name: 'x.csv', table }];
  const { consensus, notes } = await aggregate({
    ...{ ...request, tables, state: null, stateName: null, settle: true, force: false },
  });
  const labels = labelsOf(consensus, 0.8);
  const [workers, agreement] = [reportWorkers(consensus), agreementOf(consensus.answers.index)];
  const facts = {
    title: 'x.csv',
    aggregator: 'one_coin',
    reviewBelow: 0.8,
    notes,
    honesty: [],
    made: { date: '2026-01-02', version: '9.9.9' },
  };
  return reportHtml({ ...facts, consensus, labels, workers, agreement });
}

/** Answers of so many workers to each of 120 tasks, one in eight of them another class than that of the task. */
function answers(classes: readonly string[], workers: number): AnswerTable {
  const table = new AnswerTableBuilder();
  for (let i = 0; i < 120; i++) {
    for (let j = 0; j < workers; j++) {
      const name = classes[(i + Number((i + 3 * j) % 8 === 0)) % classes.length]!;
      table.add(table.task(`t${i}`), table.worker(`w${j}`), table.class(name));
    }
  }
  return table.build();
}

const texts = (html: string): string[] => Array.from(html.matchAll(/<text[^>]*>([^<]*)/g), ([, text]) => text!);

it('has a name for every chart, a scope for every head of a column, nothing from elsewhere', async () => {
  const html = await reportOf(answers(['</script><img src=x onerror=alert(1)>', 'b'], 3));
  const charts = html.match(/<svg[^>]*>/g)!;
  expect(charts).toHaveLength(6);
  for (const chart of charts) expect(chart).toMatch(/ role="img" .*aria-label="[^"]+"/);
  expect(html.match(/<th /g)).toHaveLength(html.match(/<th scope="col">/g)!.length);
  expect(html).not.toMatch(/<img|<script|https?:|url\(|@import/);
});

it('tells long names apart that begin alike, and orders classes as people count', async () => {
  const long = ['a very long name 1', 'a very long name 2', 'a very long name 3'];
  const names = texts(await reportOf(answers([...long, '10', '9'], 3)));
  const shown = ['9', '10', 'a very long n…', 'a very lo… 2', 'a very lo… 3'];
  const first = names.indexOf('a very long n…') - 2;
  expect(names.slice(first, first + 5)).toEqual(shown);
});

it('shows the most frequent classes of many, of one worker fewer, and says so', async () => {
  const html = await reportOf(
    answers(
      Array.from({ length: 60 }, (_, k) => `class ${k}`),
      3,
    ),
  );
  expect(html).toContain('The 25 most frequent of 60 classes.');
  expect(html).toContain('For each the 12 most frequent classes.');
  expect(html.match(/aria-label="Confusion matrix of [^"]*"/g)).toEqual([
    'aria-label="Confusion matrix of all workers, 25 classes"',
    ...['w0', 'w1', 'w2'].map((name) => `aria-label="Confusion matrix of ${name}, 12 classes"`),
  ]);
});

it('has figures on the axis of answers also where all workers gave about as many', async () => {
  const table = new AnswerTableBuilder();
  for (let i = 0; i < 80; i++) {
    for (const j of [0, 1, 2])
      if (i < 58 + 10 * j) table.add(table.task(`t${i}`), table.worker(`w${j}`), table.class('a'));
    table.add(table.task(`t${i}`), table.worker('z'), table.class('b'));
  }
  expect(texts(await reportOf(table.build()))).toEqual(expect.arrayContaining(['60', '65', '70', '75']));
});

it('draws nothing of workers whom nothing can be compared with', async () => {
  const html = await reportOf(answers(['a', 'b'], 1));
  expect(html).toContain('Nobody can be compared');
  expect(html).not.toContain('What is confused');
  expect(html.match(/<svg/g)).toHaveLength(1);
});

it('says first what it is about, hides nothing, and is of a day and a version', async () => {
  const html = await reportOf(answers(['a', 'b'], 3));
  expect(html).not.toMatch(/<details|display: none/);
  expect(html).toContain('initial-scale=1');
  const said = html.replace(/<style>.*?<\/style>/gs, '').replace(/<[^>]+>/g, ' ');
  expect(said.indexOf('360 answers of 3 workers make 120 labels for 120 tasks')).toBeLessThan(
    said.indexOf('Aggregator'),
  );
  expect(said).toMatch(/quorate 9\.9\.9, 2026-01-02/);
  const counts = Array.from(html.matchAll(/<tr><td>([ab])<\/td><td>(\d+)<\/td>/g), ([, name, n]) => [name, n]);
  expect(counts.map(([name]) => name)).toEqual(['a', 'b']);
  expect(counts.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(120);
});

it('gives every bar of the confidence its count', async () => {
  const html = await reportOf(answers(['a', 'b', 'c'], 4));
  const [chart] = /aria-label="Histogram.*?<\/svg>/s.exec(html)!;
  const bars = Array.from(chart.matchAll(/(\d+) tasks, 0\.\d+ to/g), ([, n]) => Number(n)).filter((n) => n > 0);
  for (const n of bars) expect(texts(chart)).toContain(String(n));
  expect(bars.reduce((sum, n) => sum + n, 0)).toBe(120);
});

it('holds claimed confidence against gold, by number of answers too', async () => {
  const table = answers(['a', 'b'], 4);
  const gold = table.taskIds.slice(0, 60).map((id, i) => [id, i % 2 === 0 ? 'a' : 'b'] as const);
  const without = await reportOf(table, 'default');
  expect(without).toContain('Nobody has checked');
  const html = await reportOf(table, 'default', gold);
  expect(html).toMatch(/60 gold tasks, each judged by the others: 0\.\d{3} claimed, 1\.000 right/);
  expect(html).toContain('aria-label="Reliability diagram of ');
  expect(html).toContain('<td>4</td><td>60</td>');
});
