/** Turns every row of n×K logits into softmax(scale · row), in place. Finite logits give rows without NaN. */
export function scaledSoftmax(logits: Float32Array, classes: number, scale: number): void {
  for (let start = 0; start < logits.length; start += classes) {
    const end = start + classes;
    let max = -Infinity;
    // A negative scale turns the order round, so the greatest product is looked for.
    for (let x = start; x < end; x++) if (logits[x]! * scale > max) max = logits[x]! * scale;
    let sum = 0;
    for (let x = start; x < end; x++) sum += logits[x] = Math.exp(logits[x]! * scale - max);
    for (let x = start; x < end; x++) logits[x]! /= sum;
  }
}
