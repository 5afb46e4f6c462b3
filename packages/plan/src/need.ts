import { mean, median, t975 } from '@quorate/report';

/** What a pilot of some size has shown: annotations per task until the target, in one run. Null: not reached. */
export interface PilotRun {
  readonly tasks: number;
  readonly perTask: number | null;
  /** Annotations per task at the end of the run. */
  readonly end: number;
}

export interface Need {
  /** Annotations per task of the whole data set. */
  readonly perTask: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Annotations per task that a data set of `tasks` will take, from runs on samples of several sizes of a pilot.
 *
 * The cost per task falls with the number of tasks, since a model learns from all of them, and how far it goes on to fall cannot be
 * seen in a pilot. A line through log cost against log size, log c = a + b log n, gives its slope b in [−1, 0]. The lower end of the
 * interval goes on along the line, the upper end stays at the cost of the largest sample; the estimate is their geometric mean. Both
 * ends are widened by what one run scatters: exp(± t s √(1 + 1/m)), s the standard deviation about the line, m the runs of the
 * largest size. What is no more than half of what a pilot can tell apart may be nothing; and nothing takes more than the runs of the
 * largest size took to their end.
 *
 * @param resolution Annotations per task between two steps: nothing finer can be told, and half of it stands for nothing.
 * @returns Null where half or more of the runs of the largest size do not reach the target.
 */
export function needOf(runs: readonly PilotRun[], tasks: number, resolution: number): Need | null {
  const sizes = [...new Set(runs.map((run) => run.tasks))].sort((a, b) => a - b);
  const largest = sizes.at(-1);
  if (largest === undefined) return null;
  const last = runs.filter((run) => run.tasks === largest);
  const reached = runs.filter((run) => run.perTask !== null);
  if (last.filter(({ perTask }) => perTask === null).length * 2 >= last.length) return null;
  const cost = (perTask: number | null): number => Math.max(perTask!, resolution / 2);
  const logs = reached.map(({ tasks: n, perTask }) => ({ x: Math.log(n), y: Math.log(cost(perTask)) }));
  const [mx, my] = [mean(logs.map(({ x }) => x)), mean(logs.map(({ y }) => y))];
  const sxx = logs.reduce((sum, { x }) => sum + (x - mx) ** 2, 0);
  const sxy = logs.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0);
  const slope = sxx > 0 ? Math.max(-1, Math.min(0, sxy / sxx)) : 0;
  const freedom = Math.max(1, logs.length - 2);
  const residual = logs.reduce((sum, { x, y }) => sum + (y - my - slope * (x - mx)) ** 2, 0);
  const s = Math.sqrt(residual / freedom);
  const flat = median(last.flatMap(({ perTask }) => (perTask === null ? [] : [cost(perTask)])));
  const falling = flat * Math.max(1, tasks / largest) ** slope;
  const scatter = Math.exp(t975(freedom) * s * Math.sqrt(1 + 1 / last.length));
  const low = falling / scatter;
  const most = Math.max(flat, ...last.map(({ end }) => end));
  return {
    perTask: Math.sqrt(flat * falling),
    low: low <= resolution / 2 ? 0 : low,
    high: Math.min(flat * scatter, most),
  };
}

export interface Staffing {
  /** Seconds that a person takes for an answer. */
  readonly seconds: number;
  readonly people: number;
  /** Hours a day that a person answers. */
  readonly hours: number;
  /** What an answer costs; null: nothing is said of money. */
  readonly price: number | null;
}

export interface Budget {
  readonly answers: Need;
  readonly days: Need;
  readonly money: Need | null;
}

/** Answers, days and money of a need. */
export function budgetOf(need: Need, tasks: number, { seconds, people, hours, price }: Staffing): Budget {
  const scaled = (factor: number): Need => ({
    perTask: need.perTask * factor,
    low: need.low * factor,
    high: need.high * factor,
  });
  return {
    answers: scaled(tasks),
    days: scaled((tasks * seconds) / (people * hours * 3600)),
    money: price === null ? null : scaled(tasks * price),
  };
}
