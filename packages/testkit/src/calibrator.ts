import { makeRng, type Calibrator, type HeldOut } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { inverse } from './renumbering.js';
import { World } from './world.js';

export type CalibratorCapabilities = SuiteOptions;

export interface CalibratorSubject {
  readonly make: Make<Calibrator>;
  readonly capabilities: CalibratorCapabilities;
}

interface Case {
  readonly rows: number;
  readonly classes: number;
  /** Largest logits: from a shy model to an overconfident one. */
  readonly scale: number;
  readonly seed: number;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  classes: fc.integer({ min: 2, max: 5 }),
  scale: fc.constantFrom(0, 0.1, 1, 8, 300),
  seed: fc.nat(9999),
});

const blank = {
  items: 1,
  workers: 1,
  columns: 1,
  prototypesPerClass: 1,
  riskThreshold: 0.1,
  answers: [],
  retracted: [],
};
/** @param truth Another one for another number. */
function setupOf({ classes, seed }: Case, truth = 0) {
  const world = new World({ ...blank, beliefs: [], classNames: null, classes, seed });
  return world.setup({ truth: world.truth(truth) });
}

/** A model that is right more often than not, and how sure of it says `scale`. */
function heldOut({ rows, classes: K, scale, seed }: Case): HeldOut {
  const rng = makeRng(`held-out/${seed}`);
  const labels = Int32Array.from({ length: rows }, () => rng.int(K));
  const logits = new Float32Array(rows * K);
  for (let x = 0; x < logits.length; x++) {
    logits[x] = scale * (rng.normal() + (labels[Math.floor(x / K)] === x % K ? 1 : 0));
  }
  return { logits, labels, classes: K };
}

function fresh({ classes: K, scale, seed }: Case): Float32Array {
  const rng = makeRng(`fresh/${seed}`);
  return Float32Array.from({ length: 7 * K }, () => scale * rng.normal());
}

/** What a calibrator that was fitted on some rows makes of new ones. */
async function calibrated({ make }: CalibratorSubject, one: Case, rows: HeldOut, logits: Float32Array, truth = 0) {
  const calibrator = await make(setupOf(one, truth));
  const out = logits.slice();
  calibrator.fit(rows)(out, one.classes);
  return out;
}

function mustBeRows(probability: Float32Array, K: number): void {
  for (let start = 0; start < probability.length; start += K) {
    const row = Array.from(probability.subarray(start, start + K));
    const sum = row.reduce((a, b) => a + b, 0);
    const legal = row.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-5;
    must(legal, () => `row ${start / K} is no distribution: ${row.join(', ')}`);
  }
}

function mustBeClose(got: Float32Array, want: Float32Array, what: string): void {
  const bad = want.findIndex((p, x) => !(Math.abs(p - got[x]!) <= 1e-6));
  must(bad < 0, () => `${what}: entry ${bad} is ${got[bad]}, was ${want[bad]}`);
}

/** The same logits with class k at place to[k]. */
function moved(logits: Float32Array, to: Int32Array): Float32Array {
  const K = to.length;
  const out = new Float32Array(logits.length);
  logits.forEach((value, x) => (out[x - (x % K) + to[x % K]!] = value));
  return out;
}

export const calibratorLaws: readonly Law<CalibratorSubject>[] = [
  {
    id: 'L1',
    text: 'rows of the result sum to 1 within 1e-5; no NaN for finite logits',
    check: (subject) =>
      forAll(anyCase, subject.capabilities.runs ?? 100, async (one) => {
        mustBeRows(await calibrated(subject, one, heldOut(one), fresh(one)), one.classes);
        const extreme = fresh(one).map((x, at) => (at % 3 === 0 ? 1e4 : at % 3 === 1 ? -1e4 : x));
        mustBeRows(await calibrated(subject, one, heldOut(one), extreme), one.classes);
        const sure = heldOut(one);
        sure.labels.forEach((k, i) => (sure.logits[i * one.classes + k] = 1e3));
        mustBeRows(await calibrated(subject, one, sure, fresh(one)), one.classes);
      }),
  },
  {
    id: 'L2',
    text: 'deterministic and pure in the held-out rows, whatever the truth is',
    check: (subject) =>
      forAll(anyCase, subject.capabilities.runs ?? 100, async (one) => {
        const rows = heldOut(one);
        const before = fingerprint(rows);
        const calibrator = await subject.make(setupOf(one));
        const [first, again] = [fresh(one), fresh(one)];
        const map = calibrator.fit(rows);
        map(first, one.classes);
        const after = fingerprint(rows);
        must(before === after, () => `the held-out rows changed: ${firstDifference(before, after)}`);
        calibrator.fit(heldOut({ ...one, seed: one.seed + 1 }));
        map(again, one.classes);
        must(fingerprint(first) === fingerprint(again), 'the same map gives another result the second time');
        const other = await calibrated(subject, one, heldOut(one), fresh(one), 1);
        must(fingerprint(first) === fingerprint(other), 'fitted again on the same rows it gives another map');
      }),
  },
  {
    id: 'L3',
    text: 'order of the rows does not matter (within 1e-6); classes are treated alike',
    check: (subject) =>
      forAll(anyCase, subject.capabilities.runs ?? 100, async (one) => {
        const { rows: n, classes: K, seed } = one;
        const rng = makeRng(`order/${seed}`);
        const rows = heldOut(one);
        const want = await calibrated(subject, one, rows, fresh(one));
        const order = rng.permutation(n);
        const shuffled = {
          classes: K,
          labels: Int32Array.from(order, (i) => rows.labels[i]!),
          logits: Float32Array.from({ length: n * K }, (_, x) => rows.logits[order[Math.floor(x / K)]! * K + (x % K)]!),
        };
        mustBeClose(await calibrated(subject, one, shuffled, fresh(one)), want, 'rows in another order');
        const to = rng.permutation(K);
        const renamed = { classes: K, labels: rows.labels.map((k) => to[k]!), logits: moved(rows.logits, to) };
        const got = moved(await calibrated(subject, one, renamed, moved(fresh(one), to)), inverse(to));
        mustBeClose(got, want, 'classes under other numbers');
      }),
  },
  {
    id: 'S1',
    text: 'sane: of a model that is far too sure, it makes the held-out classes no less probable',
    waived: insane,
    check: async (subject) => {
      const one: Case = { rows: 300, classes: 3, scale: 6, seed: 1 };
      const rows = heldOut(one);
      const K = one.classes;
      const loss = (p: Float32Array): number =>
        rows.labels.reduce((sum, k, i) => sum - Math.log(Math.max(p[i * K + k]!, 1e-12)), 0) / rows.labels.length;
      const before = Float64Array.from(rows.logits);
      for (let i = 0; i < before.length; i += K) softmax(before, i, K);
      const after = await calibrated(subject, one, rows, rows.logits.slice());
      const [without, with_] = [loss(Float32Array.from(before)), loss(after)];
      must(with_ <= without + 1e-3, () => `${without} nats per row before, ${with_} after`);
    },
  },
  disposes(({ make }: CalibratorSubject) => make(setupOf({ rows: 3, classes: 2, scale: 1, seed: 1 }))),
];

/** Runs every law of `Calibrator` against one implementation. */
export function describeCalibrator(
  name: string,
  make: Make<Calibrator>,
  capabilities: CalibratorCapabilities = {},
): void {
  describeLaws(`${name} keeps the Calibrator contract`, calibratorLaws, { make, capabilities });
}
