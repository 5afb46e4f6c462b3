/** Items whose risk is at or below the threshold. */
export function countValid(risk: Float64Array, threshold: number): number {
  let valid = 0;
  for (let i = 0; i < risk.length; i++) if (risk[i]! <= threshold) valid++;
  return valid;
}
