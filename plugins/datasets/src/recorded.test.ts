import { describe, expect, it } from 'vitest';
import { AnswerTableBuilder, T, makeRng, type AnswerFiles, type DatasetSource } from '@quorate/core';
import { World, buildComponent, describeDatasetSource } from '@quorate/testkit';
import { recorded } from './recorded.js';

const classes = ['c0', 'c1', 'c2', 'c3'];
const files: AnswerFiles = {
  read: async () => {
    const table = new AnswerTableBuilder();
    for (let i = 0; i < 30; i++)
      table.add(table.task(`t${i}`), table.worker(`w${i % 3}`), table.class(classes[i % 4]!));
    return table.build();
  },
  readGold: async () =>
    new Map(Array.from({ length: 20 }, (_, i) => [`t${i}`, classes[(i + (i % 7 === 0 ? 1 : 0)) % 4]!])),
};
const made = (options: object) =>
  buildComponent<DatasetSource>(recorded, { options: { file: 'a.csv', ...options }, values: [[T.AnswerFiles, files]] });

describeDatasetSource('recorded', made({}));

const setup = new World({
  items: 1,
  workers: 1,
  classes: 2,
  columns: 1,
  prototypesPerClass: 1,
  answers: [],
  retracted: [],
  beliefs: [],
  riskThreshold: 0.1,
  seed: 1,
  classNames: null,
}).setup();
const load = async (options: object) => {
  const request = { classes: null, featuresNeeded: false, neededBy: [] };
  return (await made(options)(setup)).load(request, makeRng(1));
};

describe('tasks of recorded answers', () => {
  it('are those that were answered, of the classes that were named, without truth where there is no gold', async () => {
    const { dataset, truth, description } = await load({});
    expect(dataset.taskIds).toHaveLength(30);
    expect(dataset.classes).toEqual(classes);
    expect(truth).toBeNull();
    expect(description).toBe('a.csv: 30 tasks of 4 classes, 0 prototypes, no features, no gold');
  });

  it('have the truth that gold knows, and -1 elsewhere', async () => {
    const { dataset, truth, description } = await load({ gold: 'g.csv' });
    dataset.taskIds.forEach((id, i) => {
      const known = Number(id.slice(1)) < 20;
      expect(truth!.classOf[i]! >= 0).toBe(known);
    });
    expect(description).toMatch(/gold of 20$/);
  });

  it('give some of the gold away as prototypes, where that is asked for', async () => {
    const { dataset, truth } = await load({ gold: 'g.csv', prototypesPerClass: 2 });
    expect(dataset.prototypes.ids).toHaveLength(8);
    expect(dataset.taskIds).toHaveLength(22);
    expect([...truth!.classOf].filter((k) => k >= 0)).toHaveLength(12);
    for (const id of dataset.prototypes.ids) expect(dataset.taskIds).not.toContain(id);
  });
});
