import { expect, it } from 'vitest';
import { updateNoticeWanted } from './update-notice.js';

it('looks for a newer version for a person at a terminal, and for nobody who has opted out', () => {
  const wanted = (env: Record<string, string>, words: string[] = ['run'], terminal = true) =>
    updateNoticeWanted({ env, words, terminal });
  expect(wanted({})).toBe(true);
  expect(wanted({ CI: '' })).toBe(true);
  expect(wanted({ NO_UPDATE_NOTIFIER: '1' })).toBe(false);
  expect(wanted({ CI: 'true' })).toBe(false);
  expect(wanted({}, ['run', '--json'])).toBe(false);
  expect(wanted({}, ['run'], false)).toBe(false);
});
