/** `npm run bench -- em`: runs one benchmark and prints its figures as JSON. */
const words = process.argv.slice(3);
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  aggregate: async () => (await import('./aggregate.js')).benchAggregate(...words),
  algebra: async () => (await import('./algebra.js')).benchAlgebra(),
  em: async () => (await import('./em.js')).benchEm(),
  honesty: async () => (await import('./honesty.js')).benchHonesty(...words),
  learner: async () => (await import('./learner.js')).benchLearner(words[0], words[1]),
  plan: async () => (await import('./plan.js')).benchPlan(words[0]),
  product: async () => (await import('./product.js')).benchProduct(words[0], words[1]),
  quorate: async () => (await import('./quorate.js')).benchQuorate(words[0], words[1], words[2]),
  run: async () => (await import('./run.js')).benchRun(),
  step: async () => (await import('./step.js')).benchStep(words[0], words[1]),
  serve: async () => (await import('./serve.js')).benchServe(words[0], words[1]),
  startup: async () => (await import('./startup.js')).benchStartup(),
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (bench) console.log(JSON.stringify(await bench(), null, 2));
else {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join(' | ')}`);
  process.exitCode = 2;
}
