import { CrowdAnswers, Consensus, openAggregator, reportWorkers } from '@quorate/consensus';
import { QuorateError, type Registry } from '@quorate/core';
import { readAnswers } from '@quorate/host';

/** How good the people were who gave answers: words for simulated workers, and the same as a sentence. */
export interface KnownWorkers {
  readonly words: readonly string[];
  readonly sentence: string;
}

/**
 * Accuracy of the workers in a file of answers, each judged by what the others say of the same tasks, weighed by their number of
 * answers. Throws what reading answers throws; DATA_INVALID where nobody can be judged.
 */
export async function workersOf(source: string, registry: Registry): Promise<KnownWorkers> {
  const request = { source, cwd: process.cwd(), format: null, options: {}, skipBadRows: false, loaded: registry };
  const answers = CrowdAnswers.of(await readAnswers(request));
  const aggregator = await openAggregator({ registry, name: 'one_coin', options: {}, seed: 0 });
  const consensus = new Consensus({ answers, aggregator });
  consensus.settle();
  let right = 0;
  let compared = 0;
  for (const worker of reportWorkers(consensus)) {
    if (worker.skill === null) continue;
    right += worker.skill * worker.compared;
    compared += worker.compared;
  }
  if (compared === 0) {
    throw new QuorateError('DATA_INVALID', {
      where: source,
      expected: 'tasks with the answers of two workers or more',
      got: 'none',
      fix: 'Say how good your people are instead: workers.accuracy=0.8.',
    });
  }
  const accuracy = Math.round((100 * right) / compared) / 100;
  const workers = answers.workerIds.length;
  return {
    words: [`workers.accuracy=${accuracy}`, `workers.workers=${workers}`],
    sentence: `By ${source}: ${workers} workers, right in ${Math.round(100 * accuracy)} % of their answers.`,
  };
}
