import { checkedOf, reliabilityOf, type Consensus, type Labels, type Reliability } from '@quorate/consensus';
import { count, percent, plural } from './format.js';

/** How many gold tasks are worth asking for: more say little more about the file as a whole. */
export const GOLD_TASKS = 50;

/** Confidence of a consensus against its gold; null without gold, or where it is not calibrated. */
export function auditOf({ answers, inferred }: Consensus): Reliability | null {
  const audit = inferred?.calibrated?.audit;
  return audit ? reliabilityOf(checkedOf(audit, answers.index.perItem)) : null;
}

/**
 * How far the confidence of these labels is to be believed, in sentences.
 * @param source What the command line calls the answers.
 */
export function honestySentences(
  consensus: Consensus,
  { confidenceIs }: Labels,
  aggregator: string,
  source: string,
): readonly string[] {
  const ask = `quorate gold ${source} --out gold.csv`;
  if (consensus.answers.index.annotatedCount === 0) return [];
  if (confidenceIs === 'uncalibrated') {
    return [
      aggregator === 'default'
        ? 'Confidence is not calibrated: it is true of workers who err independently, as simulated ones do, and people do not.'
        : `Confidence is that of ${aggregator}, not calibrated: on answers of people expect fewer labels to be right than it says.`,
    ];
  }
  const { accuracy, calibration } = consensus.inferred!.calibrated!;
  const { gold } = calibration;
  const audit = auditOf(consensus);
  const expected = accuracy
    ? `${percent(accuracy.mean)} of ${count(accuracy.labels)} ${gold > 0 ? 'other ' : ''}labels are expected to be right ` +
      `(90 % interval ${(100 * accuracy.low).toFixed(0)} to ${(100 * accuracy.high).toFixed(0)} %), `
    : '';
  if (gold === 0) {
    return [
      `${expected}honest on average over files; ask ${GOLD_TASKS} random gold tasks to make it so for this one: ` +
        `"${ask}", fill in the labels, then add --gold gold.csv --out with-gold.`,
    ];
  }
  const few = gold < GOLD_TASKS / 2 ? ` ${GOLD_TASKS} say more: quorate gold draws them.` : '';
  return [
    ...(accuracy ? [`${expected}by ${plural(gold, 'gold task')} of this file.${few}`] : []),
    ...(audit
      ? [
          `Gold tasks, each judged by the others: ${audit.claimed.toFixed(3)} claimed, ${audit.right.toFixed(3)} right ` +
            `(ECE ${audit.ece.toFixed(3)} on ${count(audit.tasks)}).`,
        ]
      : []),
  ];
}
