import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { blobs, plainProducts } from './blobs.fixture.js';
import { prepareSpace } from './feature-space.js';
import { goldOf } from './gold.js';
import { countVotes, votesOf } from './neighbour-view.js';

const [N, K, degree] = [50, 3, 7];
const { dataset } = blobs({ items: N, classes: K, columns: 4, prototypesPerClass: 4, separation: 1 });
const gold = goldOf(dataset);
const rows = N + gold.classOf.length;
const rng = makeRng(2);
const beliefs = new Float32Array(N * K);
for (let i = 0; i < N; i++) {
  // Every third is certain: of such a row only one entry counts.
  const p = i % 3 === 0 ? 1 : 0.4 + 0.6 * rng.uniform();
  for (let k = 0; k < K; k++) beliefs[i * K + k] = k === i % K ? p : (1 - p) / (K - 1);
}
const place = Int32Array.from({ length: N }, (_, i) => (i % 4 === 0 ? i / 4 : -1));
const space = await prepareSpace(plainProducts, dataset.features!, rows, { components: 4, neighbours: degree }, rng);
const graph = space.graph!;

describe('the vote of the neighbours', () => {
  it('is what going through all pairs of rows says', () => {
    const { points, columns: D } = space;
    const d2 = (i: number, j: number): number =>
      points.subarray(i * D, (i + 1) * D).reduce((sum, x, d) => sum + (x - points[j * D + d]!) ** 2, 0);
    const votes = votesOf(beliefs.slice(), place, gold);
    expect(votes.weight.length).toBe(17 + gold.classOf.length);
    const out = new Float64Array(K);
    for (let i = 0; i < rows; i++) {
      const others = Array.from({ length: rows }, (_, j) => j).filter((j) => j !== i);
      const nearest = others.sort((a, b) => d2(i, a) - d2(i, b)).slice(0, degree);
      const mean = nearest.reduce((sum, j) => sum + d2(i, j), 0) / degree;
      const shares = new Array<number>(K).fill(0.5 / K);
      for (const j of nearest) {
        const w = Math.exp(-d2(i, j) / mean);
        if (j >= N) shares[gold.classOf[j - N]!]! += w * 2;
        else for (let k = 0; k < K; k++) shares[k]! += w * (place[j]! >= 0 ? 1 : 0.1) * beliefs[j * K + k]!;
      }
      countVotes(i, graph, votes, out, 0);
      shares.forEach((share, k) => expect(out[k]).toBeCloseTo(share / Math.max(...shares), 4));
    }
  });

  it('does not hear the row itself', () => {
    const out = [new Float64Array(K), new Float64Array(K)];
    for (let i = 0; i < N; i++) {
      const other = beliefs.slice();
      other.set([0.98, 0.01, 0.01], i * K);
      countVotes(i, graph, votesOf(beliefs.slice(), place, gold), out[0]!, 0);
      countVotes(i, graph, votesOf(other, place, gold), out[1]!, 0);
      expect(out[1]).toEqual(out[0]);
    }
  });

  it('leaves out beliefs that are next to nothing', () => {
    const certain = new Float32Array(N * K).fill(1e-7);
    for (let i = 0; i < N; i++) certain[i * K + (i % K)] = 1;
    expect(votesOf(certain, place, gold).weight.length).toBe(rows);
  });
});
