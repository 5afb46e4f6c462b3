import type { Budget, MethodNeed, Need, PilotPlan, Staffing } from '@quorate/plan';
import { columns, count, percent, plural, wrap } from './format.js';

export interface PlanFacts extends Pick<PilotPlan, 'pilot' | 'tasks'> {
  readonly staffing: Staffing;
  readonly rows: readonly (MethodNeed & { readonly budget: Budget | null })[];
}

/** What labels will cost, a line for each method and target. */
export function planLines({ pilot, tasks, staffing, rows }: PlanFacts): string[] {
  const { people, hours, seconds, price } = staffing;
  const head = ['accuracy', 'method', 'per task', 'answers', 'days', ...(price === null ? [] : ['money'])];
  const lines = rows.map(({ target, method, need, best, budget }) => {
    const name = `${Number((100 * target).toFixed(2))} %`;
    if (!need || !budget) {
      const least = best === null ? 'not known' : `not on this pilot, which came to ${percent(best)}`;
      return [name, method, least, ...head.slice(3).map(() => '')];
    }
    return [
      name,
      method,
      range(need, (x) => x.toFixed(2)),
      range(budget.answers, (x) => count(rounded(x))),
      range(budget.days, (x) => (x < 10 ? x.toFixed(1) : count(rounded(x)))),
      ...(budget.money ? [range(budget.money, (x) => count(rounded(x)))] : []),
    ];
  });
  return [
    `${plural(tasks, 'task')}, by a pilot of ${count(pilot)}`,
    '',
    ...columns([head, ...lines], 110, 2),
    '',
    ...wrap(
      `In brackets 95 % intervals for a project like the pilot. Days: ${plural(people, 'person').replace('persons', 'people')}, ` +
        `${plural(hours, 'hour')} a day each, ${plural(seconds, 'second')} per answer. ` +
        'Simulated workers answered: where yours are worse, it takes more (workers.accuracy).',
      79,
    ),
  ];
}

function range({ perTask, low, high }: Need, show: (x: number) => string): string {
  return `${show(perTask)} (${show(low)} – ${show(high)})`;
}

/** Two significant digits: more would claim too much. */
function rounded(x: number): number {
  return x < 10 ? Math.round(x) : Number(x.toPrecision(2));
}
