import { makeRng, type HeldOut, type MlpParams } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from './backend-reference.js';
import { calibrationError } from './calibration-error.js';
import { countClasses, type Examples } from './examples.js';
import { goldenCases, hasGolden, whySkipped } from './golden.fixture.js';
import { splitExamples } from './split.js';
import { releasedScale, releasedTemperature } from './temperature-released.js';
import { negativeLogLikelihood } from './temperature-released.js';
import { fitValidated } from './validated-fit.js';

type Matrix = readonly (readonly number[])[];
const flat = (matrix: Matrix): Float32Array => Float32Array.from(matrix.flat());

interface FitCase {
  readonly input_dim: number;
  readonly n_classes: number;
  readonly hidden: number;
  readonly n_hidden_layer: number;
  readonly batch_size: number;
  readonly lr: number;
  readonly weight_decay: number;
  readonly train_x: Matrix;
  readonly train_y: readonly number[];
  readonly val_x: Matrix;
  readonly val_y: readonly number[];
  readonly init: Readonly<Record<string, Matrix | readonly number[]>>;
  readonly best_model: FitCase['init'];
  readonly batches: Matrix;
  readonly val_loss_every_10: readonly number[];
  readonly best_val_probs: Matrix;
}

/** torch keeps weights [out][in]. */
function paramsOf(model: FitCase['init']): MlpParams {
  const layers = [...new Set(Object.keys(model).map((key) => key.replace(/\.\w+$/, '')))].sort();
  const transposed = (w: Matrix): Float32Array => flat(w[0]!.map((_, i) => w.map((row) => row[i]!)));
  return {
    weights: layers.map((layer) => transposed(model[`${layer}.weight`] as Matrix)),
    biases: layers.map((layer) => Float32Array.from(model[`${layer}.bias`] as readonly number[])),
  };
}

function mustBeClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  const worst = Math.max(...Array.from(want, (x, at) => Math.abs(x - got[at]!)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe.skipIf(!hasGolden)(`a fit of the published program${whySkipped}`, () => {
  it.each(goldenCases<FitCase>('learner_fit.json').map((one, at) => [at, one] as const))(
    'case %i',
    async (_at, one) => {
      const { input_dim: D, n_classes: K, hidden, n_hidden_layer: L } = one;
      const [train, validation] = [flat(one.train_x), flat(one.val_x)];
      const features = new Float32Array(train.length + validation.length);
      features.set(train);
      features.set(validation, train.length);
      const rowsFrom = (from: number, count: number) => Int32Array.from({ length: count }, (_, at) => from + at);
      const n = one.train_y.length;
      const { best, losses } = await fitValidated(referenceBackend, {
        spec: {
          layers: [D, ...new Array<number>(L).fill(hidden), K],
          learningRate: one.lr,
          weightDecay: one.weight_decay,
        },
        training: { features, columns: D, rows: rowsFrom(0, n), labels: Int32Array.from(one.train_y) },
        validation: { features, columns: D, rows: rowsFrom(n, one.val_y.length), labels: Int32Array.from(one.val_y) },
        start: paramsOf(one.init),
        batches: Int32Array.from(one.batches.flat()),
        batchSize: one.batch_size,
        validateEvery: 10,
      });
      mustBeClose(losses, one.val_loss_every_10, 1e-4);
      const want = paramsOf(one.best_model);
      best!.params.weights.forEach((w, l) => mustBeClose(w, want.weights[l]!, 1e-4));
      best!.params.biases.forEach((b, l) => mustBeClose(b, want.biases[l]!, 1e-4));
      const probability = best!.heldOut.logits.slice();
      for (let x = 0; x < probability.length; x += K) softmax(probability, x, K);
      mustBeClose(probability, one.best_val_probs.flat(), 1e-4);
    },
  );
});

interface LogitCase {
  readonly n_classes: number;
  readonly logits: Matrix;
  readonly labels: readonly number[];
}
const heldOutOf = ({ n_classes, logits, labels }: LogitCase): HeldOut => ({
  logits: flat(logits),
  labels: Int32Array.from(labels),
  classes: n_classes,
});

interface TemperatureCase extends LogitCase {
  readonly temperature: number;
  readonly before_nll: number;
  readonly after_nll: number;
  readonly before_ece: number;
  readonly after_ece: number;
  readonly reverted_to_uncalibrated: boolean;
}

describe.skipIf(!hasGolden)(`the temperature of the published program${whySkipped}`, () => {
  it.each(goldenCases<TemperatureCase>('temperature.json').map((one, at) => [at, one] as const))(
    'case %i',
    (_at, one) => {
      const heldOut = heldOutOf(one);
      const temperature = releasedTemperature(heldOut);
      expect(Math.abs(temperature - one.temperature)).toBeLessThanOrEqual(1e-5);
      const scale = 1 / temperature;
      expect(negativeLogLikelihood(heldOut, 1).loss).toBeCloseTo(one.before_nll, 5);
      expect(negativeLogLikelihood(heldOut, scale).loss).toBeCloseTo(one.after_nll, 5);
      expect(calibrationError(heldOut)).toBeCloseTo(one.before_ece, 5);
      expect(calibrationError(heldOut, scale)).toBeCloseTo(one.after_ece, 5);
      expect(releasedScale(heldOut) === 1).toBe(one.reverted_to_uncalibrated);
    },
  );
});

describe.skipIf(!hasGolden)(`calibration error in 15 bins${whySkipped}`, () => {
  it.each(
    goldenCases<LogitCase & { readonly ece_loss_15_bins: number }>('ece.json').map((one, at) => [at, one] as const),
  )('case %i', (_at, one) => {
    expect(Math.abs(calibrationError(heldOutOf(one)) - one.ece_loss_15_bins)).toBeLessThanOrEqual(1e-6);
  });
});

interface SplitCase {
  readonly semi_supervised: 'none' | 'pseudolabel';
  readonly prototype_as_val: boolean;
  readonly risk_thres: number;
  readonly n_classes: number;
  readonly belief: Matrix;
  readonly n_annotation: readonly number[];
  readonly prototype_targets: readonly number[];
  readonly train_count_per_class: readonly number[];
  readonly val_count_per_class: readonly number[];
  readonly deterministic: boolean;
  readonly train_idx: readonly number[];
  readonly val_idx: readonly number[];
}

/** Rows >= the number of items are prototypes, as in the golden file. */
function examplesOf({
  belief,
  n_annotation,
  risk_thres,
  semi_supervised,
  prototype_targets,
  n_classes,
}: SplitCase): Examples {
  const chosen = belief.flatMap((row, i) => {
    const wanted = semi_supervised === 'none' ? n_annotation[i]! > 0 : 1 - Math.max(...row) < risk_thres;
    return wanted ? [{ row: i, label: row.indexOf(Math.max(...row)) }] : [];
  });
  const all = [...chosen, ...prototype_targets.map((label, p) => ({ row: belief.length + p, label }))];
  return {
    rows: Int32Array.from(all, ({ row }) => row),
    labels: Int32Array.from(all, ({ label }) => label),
    weights: new Float32Array(all.length).fill(1),
    items: chosen.length,
    classes: n_classes,
    mixMatch: null,
  };
}

describe.skipIf(!hasGolden)(`training and validation examples of the published program${whySkipped}`, () => {
  it.each(goldenCases<SplitCase>('train_val_split.json').map((one, at) => [at, one] as const))(
    'case %i',
    (_at, one) => {
      const examples = examplesOf(one);
      const validation = one.prototype_as_val ? 'prototypes' : 'holdout';
      const split = splitExamples(examples, { validation, minimum: 5 }, makeRng('split'));
      const counts = (positions: Int32Array): number[] => Array.from(countClasses(examples, positions));
      const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((x, k) => x + b[k]!);
      expect(sum(counts(split.train), counts(split.validation))).toEqual(
        sum(one.train_count_per_class, one.val_count_per_class),
      );
      if (one.prototype_as_val) {
        expect(counts(split.train)).toEqual(one.train_count_per_class);
        expect(counts(split.validation)).toEqual(one.val_count_per_class);
      } else {
        expect(Math.min(...counts(split.validation))).toBeGreaterThanOrEqual(5);
      }
      if (!one.deterministic) return;
      const rows = (positions: Int32Array): number[] => Array.from(positions, (at) => examples.rows[at]!);
      expect(rows(split.train)).toEqual([...one.train_idx].sort((a, b) => a - b));
      expect(rows(split.validation)).toEqual([...one.val_idx].sort((a, b) => a - b));
    },
  );
});
