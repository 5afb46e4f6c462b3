import { argmax, type Beliefs, type Dataset } from '@quorate/core';
import { csvField } from '@quorate/host';
import type { Delivery } from '../audit/report.js';
import type { ModelReport } from '../models/models.js';
import type { Journal } from '../run/journal.js';

/**
 * `task,label,confidence,annotations,valid`, then `audited` where a rule audits, `needs_review` where one does or confidence
 * is calibrated, and `sure` where the calibration gives it.
 */
export function labelsCsv(
  dataset: Dataset,
  journal: Journal,
  { beliefs: { risk, calibrated }, label, review }: Delivery,
  riskThreshold: number,
): string {
  const sure = calibrated?.sure ?? null;
  const more = [
    ...(review ? ['audited'] : []),
    ...((review ?? calibrated) ? ['needs_review'] : []),
    ...(sure ? ['sure'] : []),
  ];
  const lines = [`${['task', 'label', 'confidence', 'annotations', 'valid', ...more].join(',')}\n`];
  for (let i = 0; i < risk.length; i++) {
    const valid = risk[i]! <= riskThreshold;
    const audited = review?.audited[i] === 1;
    const fields: unknown[] = [
      csvField(dataset.taskIds[i]!),
      label[i]! < 0 ? '' : csvField(String(dataset.classes[label[i]!]!)),
      fixed(1 - risk[i]!),
      journal.view.perItem[i],
      valid,
    ];
    if (review) fields.push(audited, review.needsReview[i] === 1);
    else if (calibrated) fields.push(!valid);
    if (sure) fields.push(fixed(audited ? 1 : Math.min(1 - risk[i]!, sure[i]!)));
    lines.push(`${fields.join(',')}\n`);
  }
  return lines.join('');
}

/** What is believed of each worker, P(answer | true class), a line for each entry: `worker,class,answer,probability`. */
export function confusionsCsv({ classes }: Dataset, journal: Journal, { workers }: Beliefs): string {
  const K = classes.length;
  const names = classes.map((label) => csvField(String(label)));
  const lines = ['worker,class,answer,probability\n'];
  for (let j = 0; j < journal.view.workers; j++) {
    const worker = csvField(journal.workerIds[j]!);
    for (let k = 0; k < K; k++) {
      for (let z = 0; z < K; z++) {
        lines.push(`${worker},${names[k]},${names[z]},${fixed(workers.probability[(j * K + z) * K + k]!)}\n`);
      }
    }
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

/** What became of each model; empty where nothing is known. */
export function modelsCsv(models: readonly ModelReport[]): string {
  const known = (x: number | null): string => (x === null ? '' : fixed(x));
  const lines = models.map(({ model, family, answers, declined, spent, weight, skill }) => {
    const fields = [csvField(model), csvField(family), answers, declined, fixed(spent), known(weight), known(skill)];
    return `${fields.join(',')}\n`;
  });
  return `model,family,answers,declined,spent,weight,skill\n${lines.join('')}`;
}

/** Six decimals, no trailing zeros. */
export function fixed(x: number): string {
  return String(Number(x.toFixed(6)));
}
