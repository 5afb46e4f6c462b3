import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnnotationIndex, AnswerTableBuilder, Registry, makeRng } from '@quorate/core';
import { CROWD_DEPENDENCE, CROWD_PRIOR } from '@quorate/core/numbers';
import { Consensus, CrowdAnswers, openAggregator } from '@quorate/consensus';
import truthInference from '@quorate/plugin-truth-inference';
import { CalibratedVote } from '../../plugins/truth-inference/src/default/calibrated-vote.js';
import { Voters, chooseVoters } from '../../plugins/truth-inference/src/default/voters.js';
import { timedCommand } from './command.js';
import { answers, K, TASKS_PER_MILLION, WORKERS, writeAnswers } from './generated-answers.js';
import { median, round } from './timing.js';

interface CommandFigures {
  readonly answers: number;
  readonly aggregator: string;
  /** The whole command as one process: start, reading the file, inference, reports, writing. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly fileMegabytes: number;
  /** The most that it may take. */
  readonly targetSeconds: number;
  readonly targetMegabytes: number | null;
}

/**
 * `quorate aggregate` on a file of a million answers (200,000 tasks, 1,000 workers, 10 classes), with the word `10M` on
 * ten million too; and one new answer into a state of a million, in this process. With the word `calibration` only what
 * calibrating a million answers costs.
 */
export async function benchAggregate(...words: readonly string[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    if (words.includes('calibration')) return { bench: 'aggregate', calibration: calibration(1_000_000) };
    const commands: CommandFigures[] = [];
    const million = writeAnswers(folder, 1_000_000);
    commands.push(timed(folder, million, 1_000_000, 'dawid_skene', 4, 400));
    commands.push(timed(folder, million, 1_000_000, 'majority_vote', 20, null));
    if (words.includes('10M')) {
      const tenMillion = writeAnswers(folder, 10_000_000);
      commands.push(timed(folder, tenMillion, 10_000_000, 'dawid_skene', 60, 2500));
      commands.push(timed(folder, tenMillion, 10_000_000, 'majority_vote', 20, null));
    }
    const newAnswers = await Promise.all(['dawid_skene_map', 'default'].map((name) => newAnswer(1_000_000, name)));
    return { bench: 'aggregate', commands, newAnswers, calibration: calibration(1_000_000) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timed(
  folder: string,
  file: string,
  count: number,
  aggregator: string,
  targetSeconds: number,
  targetMegabytes: number | null,
): CommandFigures {
  const { seconds, cpuSeconds, peakMegabytes } = timedCommand(
    folder,
    'aggregate',
    file,
    '--aggregator',
    aggregator,
    '--out',
    'out',
  );
  return {
    answers: count,
    aggregator,
    seconds: round(seconds),
    cpuSeconds: round(cpuSeconds),
    peakMegabytes: Math.round(peakMegabytes),
    fileMegabytes: Math.round(statSync(file).size / 1e6),
    targetSeconds,
    targetMegabytes,
  };
}

/** Milliseconds from a new answer to the posterior that knows it. */
async function newAnswer(count: number, name: string): Promise<unknown> {
  const table = new AnswerTableBuilder();
  for (let k = 0; k < K; k++) table.class(`class-${k}`);
  for (const [task, worker, label] of answers(count))
    table.add(table.task(`t${task}`), table.worker(`w${worker}`), label);
  const crowd = CrowdAnswers.of(table.build());
  const registry = new Registry([truthInference]);
  const aggregator = await openAggregator({ registry, name, options: {}, seed: 0 });
  const consensus = new Consensus({ answers: crowd, aggregator });
  consensus.settle();
  consensus.makeRoom(0.1);
  const rng = makeRng('new');
  const times = Array.from({ length: 201 }, (_, n) => {
    const one = new AnswerTableBuilder();
    // Every tenth is of a task that was not there before.
    const task = n % 10 === 9 ? `new-${n}` : `t${rng.int(TASKS_PER_MILLION)}`;
    one.add(one.task(task), one.worker(`w${rng.int(WORKERS)}`), one.class(`class-${rng.int(K)}`));
    const answer = one.build();
    const started = performance.now();
    consensus.absorb(crowd.add(answer).first);
    return performance.now() - started;
  });
  return {
    answers: count,
    aggregator: name,
    medianMs: round(median(times)),
    worstMs: round(Math.max(...times)),
    targetMs: 5,
  };
}

/** Seconds of `default`: choosing and fitting its models by EM, and calibrating what they say; the best of three of each. */
function calibration(count: number): unknown {
  const index = new AnnotationIndex((count / 1_000_000) * TASKS_PER_MILLION, WORKERS, K);
  for (const [task, worker, label] of answers(count)) index.append(task, worker, label);
  const posterior = new Float64Array(index.items * K);
  const request = { annotations: index, workers: null!, prior: null, gold: null, rows: 'all', posterior } as const;
  const options = { maxIterations: 2000, tolerance: 1e-7, classPrior: 'flat' } as const;
  const cpuSeconds = (work: () => void): number => {
    const before = process.cpuUsage().user;
    work();
    return (process.cpuUsage().user - before) / 1e6;
  };
  const [em, calibrating]: [number[], number[]] = [[], []];
  for (let n = 0; n < 3; n++) {
    let voters: Voters;
    em.push(
      cpuSeconds(() => {
        voters = new Voters(chooseVoters(index, 1, false).names, options);
        voters.aggregate(request);
      }),
    );
    const setting = { dependence: CROWD_DEPENDENCE, prior: CROWD_PRIOR };
    calibrating.push(cpuSeconds(() => void CalibratedVote.fit(voters, request, setting)));
  }
  const [models, calibrated] = [Math.min(...em), Math.min(...calibrating)];
  return {
    answers: count,
    emCpuSeconds: round(models),
    calibrationCpuSeconds: round(calibrated),
    ratio: round(calibrated / models),
    targetRatio: 0.2,
  };
}
