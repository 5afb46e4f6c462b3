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
  const claim = claimOf(report);
  lines.push(
    claim === null
      ? `The confidence in labels.csv is recalibrated on the audits (power ${recalibration.power}, mix ${recalibration.mix})${ece}.`
      : `The confidence in labels.csv is calibrated with the audits: ${percent(1 - errors / audits)} of the audited labels were ` +
          `right, claimed ${percent(claim)}${ece}.`,
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

/** Mean confidence in the audited labels before the expert looked; null where the run does not calibrate. */
function claimOf({ rounds }: AuditReport): number | null {
  const claims = rounds.filter(({ claimed, audits }) => claimed !== undefined && audits > 0);
  const audits = claims.reduce((sum, round) => sum + round.audits, 0);
  return audits > 0 ? claims.reduce((sum, round) => sum + round.claimed! * round.audits, 0) / audits : null;
}

/** What checks found that certify nothing: how right the labels were, and how right they were claimed to be. */
function checkLines(report: AuditReport): string[] {
  const { audits, errors, needsReview, truth } = report;
  const right = audits > 0 ? 1 - errors / audits : 1;
  const claimed = claimOf(report);
  const lines = [
    `The expert checked ${plural(audits, 'label')}, which are not among the annotations: ${percent(right)} were right` +
      (claimed === null ? '' : `, claimed ${percent(claimed)}`) +
      `; ${plural(errors, 'label')} corrected.`,
  ];
  if (needsReview > 0)
    lines.push(`${count(needsReview)} of the delivered labels need review (needs_review in labels.csv).`);
  if (truth) lines.push(`True share of wrong labels, as delivered: ${percent(truth.error)}.`);
  return lines.flatMap((line) => wrap(line, 80));
}
