import type { Rng } from '@quorate/core';

/**
 * Tasks whose true class is worth asking for: dealt evenly over the labels that they have now, random within, in random
 * order, so that whoever answers sees no pattern. On real crowds that calibrates better than tasks drawn from all alike;
 * tasks picked because they are clear, or because they are hard, make confidence wrong.
 *
 * @param label Label of every task now, -1 without one: such a task is never drawn. @param count How many; all where fewer
 * have a label. @param known Tasks not to draw, because their class is known.
 */
export function drawGold(
  label: Int32Array,
  count: number,
  known: (task: number) => boolean,
  rng: Rng,
): readonly number[] {
  const ofClass = new Map<number, number[]>();
  for (const i of rng.permutation(label.length)) {
    if (label[i]! < 0 || known(i)) continue;
    const tasks = ofClass.get(label[i]!);
    if (tasks) tasks.push(i);
    else ofClass.set(label[i]!, [i]);
  }
  const drawn: number[] = [];
  // Classes in the order in which chance met them: where places run out, none is preferred.
  for (let turn = 0; drawn.length < count; turn++) {
    const before = drawn.length;
    for (const tasks of ofClass.values()) if (turn < tasks.length && drawn.length < count) drawn.push(tasks[turn]!);
    if (drawn.length === before) break;
  }
  return Array.from(rng.permutation(drawn.length), (n) => drawn[n]!);
}
