import type { AuditReport } from '@quorate/engine';
import { count, percent, plural, wrap } from './format.js';

/** What the audits of a run have shown, 80 columns. */
export function auditLines(report: AuditReport): string[] {
  if (report.certifies === false) return checkLines(report);
  const { certified, labels, maxError, confidence, audits, errors, needsReview, rounds, recalibration, truth } = report;
  const target = `at most ${exactly(maxError)}`;
  const sure = exactly(confidence);
  const lines = [
    certified
      ? `Certified: ${target} of ${plural(labels, 'label')} are wrong, with ${sure} confidence.`
      : `Not certified that ${target} of the labels are wrong, with ${sure} confidence: ${report.why}.`,
    `The expert audited ${plural(audits, 'task')}${rounds.length > 1 ? ` in ${rounds.length} rounds` : ''}, which are not ` +
      `among the annotations; ${plural(errors, 'label')} wrong and corrected.`,
  ];
  for (const { round, labels: N, bound, errors: wrong, confidence: c } of rounds) {
    if (N === 0) continue;
    lines.push(
      `${rounds.length > 1 ? `Round ${round}: of` : 'Of'} ${plural(N, 'label')} at most ${atMost(bound)} were wrong, and at ` +
        `most ${atMost(bound - wrong / N)} are after the corrections (with ${atLeast(c)} confidence).`,
    );
  }
  if (needsReview > 0) {
    const why = certified ? 'they are not part of the certificate' : 'nothing vouches for them';
    lines.push(`${count(needsReview)} of the delivered labels need review (needs_review in labels.csv): ${why}.`);
  }
  const ece = truth
    ? `; ECE of what was not audited ${calibration(truth.eceBefore)} before, ${calibration(truth.eceAfter)} after`
    : '';
  lines.push(
    `The confidence in labels.csv is recalibrated on the audits (power ${recalibration.power}, mix ${recalibration.mix})${ece}.`,
  );
  if (truth) lines.push(`True share of wrong labels, as delivered: ${percent(truth.error)}.`);
  lines.push(`Assumes that ${report.assumes.join('; that ')}.`);
  return lines.flatMap((line) => wrap(line, 80));
}

/** What the user asked for, unrounded: 0.9995 is no 100 %. */
const exactly = (share: number): string => `${Number((100 * share).toPrecision(8))} %`;
/** A bound is rounded to the safe side. */
const atMost = (share: number): string => percent(Math.ceil(1000 * share - 1e-9) / 1000);
const atLeast = (share: number): string => exactly(Math.floor(1e4 * share + 1e-9) / 1e4);
const calibration = (ece: number | null): string => (ece === null ? '–' : ece.toFixed(3));

/** What checks found that certify nothing: how right the labels were, and how right they were claimed to be. */
function checkLines({ audits, errors, rounds, needsReview, truth }: AuditReport): string[] {
  const right = audits > 0 ? 1 - errors / audits : 1;
  const claims = rounds.filter((round) => round.claimed !== undefined && round.audits > 0);
  const claimed = claims.reduce((sum, round) => sum + round.claimed! * round.audits, 0) / Math.max(1, audits);
  const lines = [
    `The expert checked ${plural(audits, 'label')}, which are not among the annotations: ${percent(right)} were right` +
      (claims.length > 0 ? `, claimed ${percent(claimed)}` : '') +
      `; ${plural(errors, 'label')} corrected.`,
  ];
  if (needsReview > 0)
    lines.push(`${count(needsReview)} of the delivered labels need review (needs_review in labels.csv).`);
  if (truth) lines.push(`True share of wrong labels, as delivered: ${percent(truth.error)}.`);
  return lines.flatMap((line) => wrap(line, 80));
}
