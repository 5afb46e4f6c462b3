/** Of what is left of the covariance in a row's own direction, at least this share is counted. */
const LEAST_LEFT = 0.2;

/**
 * Distances of a row to the class means by a covariance that the row itself is taken out of: with few rows for the
 * columns, its own label comes back through S⁻¹ otherwise. For the two classes k that the row's label names most, in whitened
 * coordinates (S = I, row y, means m):
 *
 *     a_k = y - m_k,   g_kj = a_k · a_j = ‖y‖² - y·m_k - y·m_j + m_k·m_j,   c_k = (1 - s) R_ik / n
 *     d²_j ← d²_j + Σ_k c_k g_kj² / max(1 - c_k g_kk, 0.2)                  [ShermanMorrison50], one class after the other
 */
export class LeaveOneOut {
  readonly #classes: number;
  /** m_k·m_j, K×K. */
  readonly #gram: Float64Array;
  /** (1 - s)/n. */
  readonly #share: number;
  readonly #squared: Float64Array;

  /** @param means Whitened, K×D. */
  constructor(means: Float32Array, classes: number, share: number) {
    const K = classes;
    const D = means.length / K;
    this.#classes = K;
    this.#share = share;
    this.#squared = new Float64Array(K);
    this.#gram = new Float64Array(K * K);
    for (let k = 0; k < K; k++) {
      for (let j = 0; j <= k; j++) {
        let sum = 0;
        for (let d = 0; d < D; d++) sum += means[k * D + d]! * means[j * D + d]!;
        this.#gram[k * K + j] = this.#gram[j * K + k] = sum;
      }
    }
  }

  /**
   * @param products y·m_k, from `at` on. @param norm ‖y‖². @param labels R of the row, from `own` on.
   * @returns d²_j of the K classes, valid until the next call.
   */
  distances(products: Float32Array, at: number, norm: number, labels: Float32Array, own: number): Float64Array {
    const [K, gram, squared] = [this.#classes, this.#gram, this.#squared];
    const g = (k: number, j: number): number => norm - products[at + k]! - products[at + j]! + gram[k * K + j]!;
    let [first, second] = [-1, -1];
    for (let k = 0; k < K; k++) {
      squared[k] = Math.max(0, g(k, k));
      if (first < 0 || labels[own + k]! > labels[own + first]!) [first, second] = [k, first];
      else if (second < 0 || labels[own + k]! > labels[own + second]!) second = k;
    }
    this.#takeOut(first, labels[own + first]!, g);
    if (second >= 0) this.#takeOut(second, labels[own + second]!, g);
    return squared;
  }

  #takeOut(k: number, label: number, g: (k: number, j: number) => number): void {
    if (!(label > 0)) return;
    const c = this.#share * label;
    const scale = c / Math.max(1 - c * Math.max(0, g(k, k)), LEAST_LEFT);
    for (let j = 0; j < this.#classes; j++) this.#squared[j]! += scale * g(k, j) ** 2;
  }
}
