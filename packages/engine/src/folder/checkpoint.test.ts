import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QuorateError, makeRng } from '@quorate/core';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.js';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'quorate-checkpoint-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (step: number): Checkpoint => ({
  configHash: 'c',
  dataHash: 'd',
  step,
  journal: { item: Int32Array.of(1, 2, 3), nested: [null, 'x', { y: Float32Array.of(0.5) }] },
  rng: makeRng(step).snapshot(),
  parts: { 'learner/none': { a: Float64Array.of(Math.PI) } },
  stepsBytes: 7,
});
const path = (name: string): string => join(folder, name);

describe('checkpoint', () => {
  it('comes back as it went, byte for byte the same each time', () => {
    writeCheckpoint(folder, at(1));
    const bytes = readFileSync(path('checkpoint'));
    expect(readCheckpoint(folder, () => undefined)).toEqual(at(1));
    writeCheckpoint(folder, at(1));
    expect(readFileSync(path('checkpoint')).equals(bytes)).toBe(true);
  });

  it('is undefined where there is none', () => expect(readCheckpoint(folder, () => undefined)).toBe(undefined));

  it('falls back to the previous one from any damage, and says so', () => {
    writeCheckpoint(folder, at(1));
    writeCheckpoint(folder, at(2));
    const whole = readFileSync(path('checkpoint'));
    const flipped = Buffer.from(whole);
    flipped[whole.length - 3]! ^= 1;
    for (const bad of [
      whole.subarray(0, whole.length / 2),
      flipped,
      Buffer.alloc(0),
      Buffer.from('quorate-checkpoint 9 x\n'),
    ]) {
      writeFileSync(path('checkpoint'), bad);
      const notes: string[] = [];
      expect(readCheckpoint(folder, (note) => notes.push(note))?.step).toBe(1);
      expect(notes.join()).toContain('damaged');
    }
    rmSync(path('checkpoint'));
    const notes: string[] = [];
    expect(readCheckpoint(folder, (note) => notes.push(note))?.step).toBe(1);
    expect(notes).toEqual([]);
  });

  it('refuses when both are damaged', () => {
    writeCheckpoint(folder, at(1));
    writeCheckpoint(folder, at(2));
    writeFileSync(path('checkpoint'), 'x');
    writeFileSync(path('checkpoint.previous'), 'y');
    expect(() => readCheckpoint(folder, () => undefined)).toThrow(QuorateError);
  });
});
