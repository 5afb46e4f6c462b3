/** What a run takes when nobody says otherwise: prototypes of a class, and tasks of one HIT. */
const USUAL = { prototypesPerClass: 10, hitSize: 40 };

/**
 * The words of `quorate run` that use features and labels. A set that is too small for the usual prototypes and HITs gets
 * smaller ones: at most half of the smallest class, and of the tasks that are left. Without labels, or with fewer than two
 * classes, nobody can be simulated: the run asks nobody.
 *
 * @param rowLabels Label of each row, null where they are not known.
 */
export function runWords(features: string, labels: string, rowLabels: readonly string[] | null): string[] {
  const words = ['run', 'dataset.use=files', `dataset.features=${features}`, `dataset.labels=${labels}`];
  const [only, ...more] = new Set(rowLabels);
  if (more.length === 0) {
    // A second class is needed, and has to be another one.
    const names = only === undefined ? ['yes', 'no'] : [only, only === 'other' ? 'rest' : 'other'];
    return [...words, `classes=${JSON.stringify(names)}`, 'simulation=none'];
  }
  const sizes = new Map<string, number>();
  for (const label of rowLabels ?? []) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const smallest = Math.min(...sizes.values());
  const prototypes = Math.min(USUAL.prototypesPerClass, Math.floor(smallest / 2));
  const tasks = (rowLabels?.length ?? 0) - prototypes * sizes.size;
  if (prototypes < USUAL.prototypesPerClass) words.push(`dataset.prototypesPerClass=${prototypes}`);
  if (tasks < 2 * USUAL.hitSize) words.push(`sampler.hitSize=${Math.max(1, Math.floor(tasks / 2))}`);
  return words;
}
