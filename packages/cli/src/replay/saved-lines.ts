import Table from 'cli-table3';
import { count, percent, plural, wrap } from '../terminal/format.js';
import type { Saved } from './saved.js';

/** What the method would have saved on recorded answers, 80 columns. */
export function savedLines(method: string, saved: Saved): string[] {
  const { used, recorded, goldKnown, tasks, all, answersToMatch } = saved;
  if (tasks === 0) {
    const none = 'Every task of known class was audited: nothing is left to compare. Fewer --audits leave some.';
    return wrap(none, 80);
  }
  const table = new Table({
    head: ['labels by', 'answers', goldKnown ? 'accuracy' : 'as with all'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  table.push([method, count(used), percent(saved.method)]);
  table.push(['random order, majority vote', count(used), percent(saved.majorityVote)]);
  table.push(['random order, Dawid-Skene', count(used), percent(saved.dawidSkene)]);
  if (saved.logisticRegression !== null) {
    table.push(['random order, logistic regression + Dawid-Skene', count(used), percent(saved.logisticRegression)]);
  }
  table.push(['all answers, majority vote', count(recorded), percent(all.majorityVote)]);
  table.push(['all answers, Dawid-Skene', count(recorded), percent(all.dawidSkene)]);
  const what = goldKnown
    ? `Accuracy on ${plural(tasks, 'task')} of known class that no audit corrected.`
    : `No gold: the share of ${plural(tasks, 'label')} that are those of Dawid-Skene on all answers.`;
  return [table.toString(), ...wrap(what, 80), ...wrap(conclusion(method, used, recorded, answersToMatch), 80)];
}

function conclusion(method: string, used: number, recorded: number, toMatch: number | null): string {
  const share = percent(used / Math.max(1, recorded));
  if (toMatch === null) {
    return `${method} took ${count(used)} of ${count(recorded)} answers (${share}). Dawid-Skene is not as right on all of them.`;
  }
  const saved = toMatch - used;
  const compared =
    saved > 0
      ? `${count(saved)} more (${(toMatch / Math.max(1, used)).toFixed(1)} times as many)`
      : `${saved < 0 ? `${count(-saved)} fewer` : 'as many'}: nothing was saved`;
  return `${method} took ${count(used)} of ${count(recorded)} answers (${share}). In random order Dawid-Skene is as right after about ${count(toMatch)}, ${compared}.`;
}
