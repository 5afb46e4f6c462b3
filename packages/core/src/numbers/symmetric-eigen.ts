/** Eigenvalues in falling order, and of each an eigenvector of length 1. */
export interface Eigen {
  readonly values: Float64Array;
  /** n×n row-major; row j is the eigenvector of `values[j]`. */
  readonly vectors: Float64Array;
}

/** Most QR steps for each eigenvalue, on the average; two are usual. */
const MOST_STEPS = 40;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation and QR with implicit
 * Wilkinson shifts [GolubVanLoan13, 8.3], O(n³). Inner loops run along rows, which is what makes it fast in typed arrays.
 * The sign of each vector is such that its entry of greatest magnitude (the first of equals) is positive.
 *
 * @param matrix n×n, only its lower triangle is read; not written to. @throws RangeError where it is not finite.
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  const a = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      const x = matrix[r * n + c]!;
      if (!Number.isFinite(x)) throw new RangeError(`symmetricEigen needs finite numbers, got ${x} in row ${r}`);
      a[r * n + c] = x;
      a[c * n + r] = x;
    }
  }
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const q = tridiagonalise(a, n, diagonal, beside);
  diagonalise(diagonal, beside, q);
  return inFallingOrder(diagonal, q);
}

/**
 * A = Qᵀ T Q by n-2 reflections H = I - u uᵀ/h, each of which clears one column below the subdiagonal. Overwrites `a`.
 * @param beside T's entry (k, k+1) goes to place k. @returns Q.
 */
function tridiagonalise(a: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): Float64Array {
  const reflections: { u: Float64Array; h: number }[] = [];
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    // The part of row k right of the diagonal; the matrix is kept whole, so it is the column below it, too.
    const u = a.slice(k * n, (k + 1) * n).fill(0, 0, k + 1);
    let scale = 0;
    for (let c = k + 1; c < n; c++) scale = Math.max(scale, Math.abs(u[c]!));
    diagonal[k] = a[k * n + k]!;
    let rest = 0;
    for (let c = k + 2; c < n; c++) rest = Math.max(rest, Math.abs(u[c]!));
    if (rest === 0) {
      beside[k] = u[k + 1]!;
      reflections.push({ u, h: 0 });
      continue;
    }
    let square = 0;
    for (let c = k + 1; c < n; c++) square += (u[c]! /= scale) ** 2;
    const first = u[k + 1]!;
    const length = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[k] = scale * length;
    const h = square - first * length;
    u[k + 1] = first - length;
    reflections.push({ u, h });
    reflectBothSides(a, n, k + 1, u, h, p);
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]!;
  const q = new Float64Array(n * n);
  for (let r = 0; r < n; r++) q[r * n + r] = 1;
  // Q = H_{n-2} ... H_0, from the last, so that each reflection meets the smallest block.
  for (let k = n - 2; k >= 0; k--) {
    const { u, h } = reflections[k]!;
    if (h === 0) continue;
    reflectRows(q, n, k + 1, u, h);
  }
  return q;
}

/** Q ← Q H in the rows and columns from `start`. */
function reflectRows(q: Float64Array, n: number, start: number, u: Float64Array, h: number): void {
  for (let r = start; r < n; r++) {
    const row = r * n;
    let dot = 0;
    for (let c = start; c < n; c++) dot += q[row + c]! * u[c]!;
    dot /= h;
    for (let c = start; c < n; c++) q[row + c] = q[row + c]! - dot * u[c]!;
  }
}

/** A ← H A H in the rows and columns from `start`: A - u wᵀ - w uᵀ with p = Au/h, w = p - (uᵀp / 2h) u. */
function reflectBothSides(
  a: Float64Array,
  n: number,
  start: number,
  u: Float64Array,
  h: number,
  p: Float64Array,
): void {
  let dot = 0;
  for (let r = start; r < n; r++) {
    let sum = 0;
    for (let c = start, x = r * n + start; c < n; c++, x++) sum += a[x]! * u[c]!;
    p[r] = sum / h;
    dot += p[r]! * u[r]!;
  }
  const half = dot / (2 * h);
  for (let r = start; r < n; r++) p[r]! -= half * u[r]!;
  for (let r = start; r < n; r++) {
    const ur = u[r]!;
    const wr = p[r]!;
    for (let c = start, x = r * n + start; c < n; c++, x++) a[x] = a[x]! - (ur * p[c]! + wr * u[c]!);
  }
}

/** T = Rᵀ diag(λ) R by QR steps from the lower end; `q` ← R q, `diagonal` ← λ. */
function diagonalise(diagonal: Float64Array, beside: Float64Array, q: Float64Array): void {
  const n = diagonal.length;
  const negligible = (k: number): boolean =>
    Math.abs(beside[k]!) <= Number.EPSILON * (Math.abs(diagonal[k]!) + Math.abs(diagonal[k + 1]!));
  let high = n - 1;
  for (let steps = 0; high > 0;) {
    if (negligible(high - 1)) {
      high--;
      continue;
    }
    let low = high - 1;
    while (low > 0 && !negligible(low - 1)) low--;
    if (steps++ > MOST_STEPS * n) throw new RangeError('symmetricEigen did not converge');
    qrStep(diagonal, beside, q, low, high);
  }
}

/**
 * T - μ = GᵀR, T ← G T Gᵀ, implicitly: rotations of neighbouring rows and columns from `low` to `high` chase one entry
 * outside the three diagonals down and out. μ is the eigenvalue of the last 2×2 block that is nearer to its last entry.
 */
function qrStep(diagonal: Float64Array, beside: Float64Array, q: Float64Array, low: number, high: number): void {
  const n = diagonal.length;
  const half = (diagonal[high - 1]! - diagonal[high]!) / 2;
  const last = beside[high - 1]!;
  const shift = diagonal[high]! - last * (last / (half + (half < 0 ? -1 : 1) * Math.hypot(half, last)));
  let x = diagonal[low]! - shift;
  let z = beside[low]!;
  for (let k = low; k < high; k++) {
    const length = Math.hypot(x, z);
    const c = length > 0 ? x / length : 1;
    const s = length > 0 ? z / length : 0;
    if (k > low) beside[k - 1] = length;
    const d = diagonal[k]!;
    const e = beside[k]!;
    const f = diagonal[k + 1]!;
    diagonal[k] = c * c * d + 2 * c * s * e + s * s * f;
    diagonal[k + 1] = s * s * d - 2 * c * s * e + c * c * f;
    beside[k] = c * s * (f - d) + (c * c - s * s) * e;
    if (k + 1 < high) {
      x = beside[k]!;
      z = s * beside[k + 1]!;
      beside[k + 1]! *= c;
    }
    rotateRows(q, n, k, c, s);
  }
}

/** Rows k and k+1 ← c·(k) + s·(k+1) and c·(k+1) - s·(k). */
function rotateRows(q: Float64Array, n: number, k: number, c: number, s: number): void {
  for (let at = k * n, end = at + n; at < end; at++) {
    const upper = q[at]!;
    const lower = q[at + n]!;
    q[at] = c * upper + s * lower;
    q[at + n] = c * lower - s * upper;
  }
}

function inFallingOrder(diagonal: Float64Array, q: Float64Array): Eigen {
  const n = diagonal.length;
  const order = [...diagonal.keys()].sort((i, j) => diagonal[j]! - diagonal[i]! || i - j);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const vector = q.subarray(from * n, (from + 1) * n);
    let greatest = 0;
    for (let c = 1; c < n; c++) if (Math.abs(vector[c]!) > Math.abs(vector[greatest]!)) greatest = c;
    const sign = vector[greatest]! < 0 ? -1 : 1;
    for (let c = 0; c < n; c++) vectors[to * n + c] = sign * vector[c]!;
  });
  return { values: Float64Array.from(order, (from) => diagonal[from]!), vectors };
}
