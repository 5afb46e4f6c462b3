/* eslint-disable no-restricted-syntax -- this is what finds parts that look at the clock or draw lots of their own */
/** Runs code that answers at once while every clock jumps by an hour at each look, and `Math.random` gives other numbers. */
export function atAnotherTime<V>(run: () => V): V {
  const real = { performanceNow: performance.now.bind(performance), now: Date.now, random: Math.random };
  const start = real.now();
  let looks = 0;
  const later = (): number => 3_600_000 * ++looks;
  performance.now = later;
  Date.now = () => start + later();
  Math.random = () => (0.37 + 0.61 * ++looks) % 1;
  try {
    return run();
  } finally {
    performance.now = real.performanceNow;
    Date.now = real.now;
    Math.random = real.random;
  }
}
