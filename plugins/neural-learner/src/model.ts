import type {
  Activation,
  Calibrator,
  Features,
  HeldOut,
  LearnerBackend,
  MlpParams,
  NetworkGraph,
  Snapshot,
} from '@quorate/core';

/** One network, with what its calibration was fitted on. */
export interface Member {
  readonly params: MlpParams;
  readonly heldOut: HeldOut;
  /** Rows of the features that it was not trained on. */
  readonly heldOutRows: Int32Array;
  /** Training examples, and the classes without any. */
  readonly trainedOn: number;
  readonly unseen: Int32Array;
}

/** What a step learnt: one network, or one for each fold. */
export interface Model {
  /** Mean over members of the best validation loss, before calibration, in nats. */
  readonly loss: number;
  readonly members: readonly Member[];
}

export interface PredictionSetting {
  readonly backend: LearnerBackend;
  readonly calibrator: Calibrator;
  readonly features: Features;
  /** Rows 0..N-1. */
  readonly rows: Int32Array;
  /** K. */
  readonly classes: number;
  /** A row that one member was not trained on is scored by that member alone, others by the mean of all. */
  readonly outOfFold: boolean;
}

/** Calibrated class probabilities of `rows`, n×K row-major. */
export async function predictProbabilities(model: Model, setting: PredictionSetting): Promise<Float32Array> {
  const { rows, classes: K, outOfFold } = setting;
  const only = outOfFold && model.members.length > 1 ? memberOfRow(model, rows.length) : null;
  const [first, ...others] = model.members;
  const mean = await predictMember(first!, setting);
  if (model.members.length === 1) return mean;
  const share = Float32Array.from(rows, (row) => (only === null || only[row]! < 0 ? 1 / model.members.length : -1));
  scaleRows(mean, share, only, 0, K);
  for (const [m, member] of others.entries()) {
    const probability = await predictMember(member, setting);
    scaleRows(probability, share, only, m + 1, K);
    for (let x = 0; x < mean.length; x++) mean[x]! += probability[x]!;
  }
  return mean;
}

/** Index of the member that did not train on a row, -1 for a row that is in no fold. */
function memberOfRow({ members }: Model, rows: number): Int32Array {
  const only = new Int32Array(rows).fill(-1);
  for (const [m, { heldOutRows }] of members.entries()) for (const row of heldOutRows) if (row < rows) only[row] = m;
  return only;
}

/** Multiplies the rows by their share; a row of one member alone (share -1) counts for that member and no other. */
function scaleRows(
  probability: Float32Array,
  share: Float32Array,
  only: Int32Array | null,
  m: number,
  K: number,
): void {
  for (let i = 0; i < share.length; i++) {
    const factor = share[i]! >= 0 ? share[i]! : only![i] === m ? 1 : 0;
    for (let x = i * K; x < (i + 1) * K; x++) probability[x]! *= factor;
  }
}

async function predictMember(member: Member, setting: PredictionSetting): Promise<Float32Array> {
  const { backend, calibrator, features, rows, classes: K } = setting;
  const out = new Float32Array(rows.length * K);
  await backend.predict(member.params, { features: features.data, columns: features.columns, rows }, out);
  flattenBadRows(out, K);
  calibrator.fit(member.heldOut)(out, K);
  if (member.unseen.length > 0) admitUnseen(out, K, member);
  return out;
}

/** A row that is too large for the network says nothing: equal logits. */
function flattenBadRows(logits: Float32Array, K: number): void {
  for (let start = 0; start < logits.length; start += K) {
    let sum = 0;
    for (let x = start; x < start + K; x++) sum += Math.abs(logits[x]!);
    if (!Number.isFinite(sum)) logits.fill(0, start, start + K);
  }
}

/**
 * A network never says a class that it has no example of; taken as a prior, that would be a verdict which no answer of a worker
 * could change. Each such class gets 1 / (n + K), as if one example more could have been of any class.
 */
function admitUnseen(probability: Float32Array, K: number, { unseen, trainedOn }: Member): void {
  const share = 1 / (trainedOn + K);
  for (let start = 0; start < probability.length; start += K) {
    let seen = 1;
    for (const k of unseen) seen -= probability[start + k]!;
    const factor = seen > 0 ? (1 - unseen.length * share) / seen : 0;
    for (let x = start; x < start + K; x++) probability[x]! *= factor;
    for (const k of unseen) probability[start + k] = factor > 0 ? share : 1 / unseen.length;
  }
}

export function snapshotModel({ loss, members }: Model): Snapshot {
  return {
    loss,
    members: members.map(({ params, heldOut, heldOutRows, trainedOn, unseen }) => ({
      weights: params.weights.map((w) => w.slice()),
      biases: params.biases.map((b) => b.slice()),
      activations: params.activations ?? null,
      logits: heldOut.logits.slice(),
      labels: heldOut.labels.slice(),
      heldOutRows: heldOutRows.slice(),
      trainedOn,
      unseen: unseen.slice(),
    })),
  };
}

interface SavedMember {
  readonly weights: readonly Float32Array[];
  readonly biases: readonly Float32Array[];
  readonly activations: readonly Activation[] | null;
  readonly logits: Float32Array;
  readonly labels: Int32Array;
  readonly heldOutRows: Int32Array;
  readonly trainedOn: number;
  readonly unseen: Int32Array;
}

/** The model of a snapshot; shares no memory with it. `graph`: of networks that are given as one. */
export function restoreModel(state: Snapshot, classes: number, graph?: NetworkGraph): Model {
  const { loss, members } = structuredClone(state) as unknown as { loss: number; members: readonly SavedMember[] };
  return {
    loss,
    members: members.map(({ weights, biases, activations, logits, labels, ...rest }) => ({
      ...rest,
      params: { weights, biases, ...(activations ? { activations } : {}), ...(graph ? { graph } : {}) },
      heldOut: { logits, labels, classes },
    })),
  };
}
