import { type Dataset, type Beliefs, argmax } from '@quorate/core';
import type { Delivery } from '../audit/report.js';
import { csvField } from '@quorate/host';
import type { Journal } from '../run/journal.js';

export function labelsCsv(
  dataset: Dataset,
  journal: Journal,
  { posterior, risk }: Beliefs,
  riskThreshold: number,
  audit: Delivery | undefined,
): string {
  const K = dataset.classes.length;
  const lines = [`task,label,confidence,annotations,valid${audit ? ',audited,needs_review' : ''}\n`];
  for (let i = 0; i < risk.length; i++) {
    const confidence = 1 - risk[i]!;
    // A row of zeros (majority vote without a vote) says nothing: no label rather than the first class.
    const k = audit ? audit.label[i]! : argmax(posterior, i * K, K);
    const label = confidence > 0 ? csvField(String(dataset.classes[k]!)) : '';
    const checked = audit ? `,${audit.audited[i] === 1},${audit.needsReview[i] === 1}` : '';
    lines.push(
      `${csvField(dataset.taskIds[i]!)},${label},${fixed(confidence)},${journal.view.perItem[i]},${risk[i]! <= riskThreshold}${checked}\n`,
    );
  }
  return lines.join('');
}

/** Skill is the mean over classes of P(names k | truth is k); agreement the share of answers equal to the label. */
export function workersCsv(dataset: Dataset, journal: Journal, { posterior, workers }: Beliefs): string {
  const K = dataset.classes.length;
  const { view } = journal;
  const labelOf = Int32Array.from({ length: view.items }, (_, i) => argmax(posterior, i * K, K));
  const lines = ['worker,annotations,skill,agreement\n'];
  for (let j = 0; j < view.workers; j++) {
    let skill = 0;
    for (let k = 0; k < K; k++) skill += workers.probability[(j * K + k) * K + k]! / K;
    let agreed = 0;
    for (let a = view.firstOfWorker[j]!; a >= 0; a = view.nextOfWorker[a]!) {
      if (labelOf[view.item[a]!] === view.label[a]) agreed++;
    }
    const count = view.perWorker[j]!;
    const agreement = count > 0 ? fixed(agreed / count) : '';
    lines.push(`${csvField(journal.workerIds[j]!)},${count},${fixed(skill)},${agreement}\n`);
  }
  return lines.join('');
}

/** Six decimals, no trailing zeros. */
export function fixed(x: number): string {
  return String(Number(x.toFixed(6)));
}
