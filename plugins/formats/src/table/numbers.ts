/** A number with a point or, as half of the world writes it, a comma before its decimals. NaN for what is none. */
export function asNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text.replace(/^(-?\d+),(\d+)$/, '$1.$2'));
}

/** Seconds, `0,95`, `95s` or `1:35`; NaN for a missing value, null for what are none. */
export function asSeconds(text: string): number | null {
  const bare = text.trim().replace(/\s*(s|secs?|seconds)\.?$/i, '');
  if (bare === '' || /^(na|n\/a|nan|none|null|-|<na>)$/i.test(bare)) return NaN;
  const clock = /^(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:[.,]\d+)?)$/.exec(bare);
  const seconds = clock ? Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + asNumber(clock[3]!) : asNumber(bare);
  return seconds >= 0 && seconds < Infinity ? seconds : null;
}
