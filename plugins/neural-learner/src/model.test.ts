import { describe, expect, it } from 'vitest';
import { referenceBackend } from './backend-reference.js';
import { predictProbabilities, restoreModel, snapshotModel, type Member, type Model } from './model.js';

/** A network that says the same of every row: p of class 0, whatever the features. */
function constant(p: number, heldOutRows: readonly number[]): Member {
  return {
    params: { weights: [new Float32Array(2)], biases: [Float32Array.of(Math.log(p), Math.log(1 - p))] },
    heldOut: { logits: new Float32Array(2), labels: Int32Array.of(0), classes: 2 },
    heldOutRows: Int32Array.from(heldOutRows),
    trainedOn: 4,
    unseen: new Int32Array(0),
  };
}

const setting = (outOfFold: boolean) => ({
  backend: referenceBackend,
  calibrator: { fit: () => (logits: Float32Array) => softmaxOfTwo(logits) },
  features: { data: new Float32Array(6), columns: 1 },
  rows: Int32Array.of(0, 1, 2, 3),
  classes: 2,
  outOfFold,
});
function softmaxOfTwo(logits: Float32Array): void {
  for (let x = 0; x < logits.length; x += 2) {
    const p = 1 / (1 + Math.exp(logits[x + 1]! - logits[x]!));
    logits.set([p, 1 - p], x);
  }
}
async function ofClass0(model: Model, outOfFold: boolean): Promise<number[]> {
  const probability = await predictProbabilities(model, setting(outOfFold));
  return Array.from(probability.filter((_, x) => x % 2 === 0));
}
const close = (got: readonly number[], want: readonly number[]): void =>
  want.forEach((p, i) => expect(got[i]).toBeCloseTo(p, 6));

describe('the networks of folds', () => {
  // Row 3 is in no fold; rows 4 and 5 are prototypes.
  const model: Model = { loss: 1, members: [constant(0.2, [0, 4]), constant(0.5, [1, 5]), constant(0.8, [2])] };

  it('speak for every item as one: their mean', async () => {
    close(await ofClass0(model, false), [0.5, 0.5, 0.5, 0.5]);
  });

  it('out of fold, speak for an item that they were not trained on, and as one for the rest', async () => {
    close(await ofClass0(model, true), [0.2, 0.5, 0.8, 0.5]);
  });

  it('come back from a snapshot, which later changes do not reach', async () => {
    const saved = snapshotModel(model);
    const back = restoreModel(saved, 2);
    expect(back).toEqual(model);
    back.members[0]!.params.biases[0]!.fill(0);
    expect(restoreModel(saved, 2)).toEqual(model);
  });
});

it('a row too large for the network says nothing', async () => {
  const member = constant(0.2, []);
  const steep = { ...member, params: { ...member.params, weights: [Float32Array.of(1e30, -1e30)] } };
  const probability = await predictProbabilities(
    { loss: 1, members: [steep] },
    { ...setting(false), features: { data: Float32Array.of(0, 1e30, 0, -1e30, 0, 0), columns: 1 } },
  );
  close(Array.from(probability.filter((_, x) => x % 2 === 0)), [0.2, 0.5, 0.2, 0.5]);
});
