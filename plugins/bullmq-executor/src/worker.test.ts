import { expect, it } from 'vitest';
import { errorOf } from './worker.js';

it('reads back the error that a job failed with, and takes any other text for that of the queue', () => {
  const error = { code: 'DATA_INVALID', message: 'x.csv: expected rows, got none.', retry: false };
  expect(errorOf(JSON.stringify(error))).toEqual(error);
  for (const text of ['job stalled more than allowable limit', '{"code":3}', 'null', '']) {
    expect(errorOf(text)).toMatchObject({ code: 'INTERNAL', retry: true });
  }
  expect(errorOf('job stalled').message).toBe('job stalled');
});
