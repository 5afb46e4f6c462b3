import { argmax, type Beliefs, type Dataset } from '@quorate/core';
import { csvField } from '@quorate/host';
import type { Delivery } from '../audit/report.js';
import type { Journal } from '../run/journal.js';

export function labelsCsv(
  dataset: Dataset,
  journal: Journal,
  { beliefs: { risk }, label, review }: Delivery,
  riskThreshold: number,
): string {
  const lines = [`task,label,confidence,annotations,valid${review ? ',audited,needs_review' : ''}\n`];
  for (let i = 0; i < risk.length; i++) {
    const name = label[i]! < 0 ? '' : csvField(String(dataset.classes[label[i]!]!));
    const checked = review ? `,${review.audited[i] === 1},${review.needsReview[i] === 1}` : '';
    lines.push(
      `${csvField(dataset.taskIds[i]!)},${name},${fixed(1 - risk[i]!)},${journal.view.perItem[i]},${risk[i]! <= riskThreshold}${checked}\n`,
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
