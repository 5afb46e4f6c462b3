import { useEffect, useState } from 'preact/hooks';
import { call, imageOf, type Label } from './api';

interface Range {
  low: number;
  likely: number;
  high: number;
}
interface Status {
  state: string;
  tasks: number;
  answers: number;
  out: number;
  skips: number;
  flags: number;
  validShare: number;
  calibration: string | null;
  step: { error: number; deviation: number; valid: number; stop: string | null } | null;
  left: Range;
  pace: { perHour: number } | null;
  money: { currency: string; spent: number; left: Range };
  workers: {
    name: string;
    answers: number;
    skill: number | null;
    skillInterval: [number, number] | null;
    gold: [number, number];
    seconds: number | null;
    skips: number;
    flags: number;
  }[];
}
interface Step {
  n: number;
  annotations: number;
  valid: number;
  error: number;
  deviation: number;
  at: number;
}
interface Look {
  unsure: {
    item: number;
    task: string;
    kind: 'image' | 'url' | 'text' | 'id';
    content: string;
    label: Label | null;
    risk: number;
    answers: number;
  }[];
  flags: {
    item: number;
    task: string;
    kind: 'image' | 'url' | 'text' | 'id';
    content: string;
    worker: string;
    text: string;
  }[];
  balance: { label: Label; tasks: number }[];
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const hours = (x: number): string => (x < 1 ? `${Math.max(1, Math.round(60 * x))} min` : `${x.toFixed(1)} h`);
const count = (x: number): string => x.toLocaleString('en-US');

export function AdminPage() {
  const [data, setData] = useState<{ status: Status; steps: Step[]; look: Look } | null>(null);
  const [error, setError] = useState('');
  const [link, setLink] = useState('');
  const load = async (): Promise<void> => {
    try {
      const [status, steps, look] = await Promise.all([
        call<Status>('admin/status'),
        call<Step[]>('admin/steps'),
        call<Look>('admin/look'),
      ]);
      setData({ status, steps, look });
      setError('');
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  useEffect(() => {
    void load();
    const events = new EventSource('/api/events');
    for (const name of ['step', 'state']) events.addEventListener(name, () => void load());
    const poll = setInterval(() => void load(), 15_000);
    return () => (events.close(), clearInterval(poll));
  }, []);
  if (!data)
    return (
      <main class="admin">
        <p role="status">{error || 'One moment…'}</p>
      </main>
    );
  const { status, steps, look } = data;
  const { step, left, money } = status;
  const setState = async (state: string): Promise<void> => {
    await call('admin/state', { state });
    await load();
  };
  const invite = async (): Promise<void> => {
    const { invitation } = await call<{ invitation: string }>('admin/invites', { role: 'worker', uses: 50, days: 30 });
    setLink(`${location.origin}/join#${invitation}`);
  };
  return (
    <main class="admin">
      <header>
        <h1>Campaign</h1>
        <p role="status">{error ? `Not up to date: ${error}` : step?.stop ? `Done: ${step.stop}` : status.state}</p>
      </header>
      <nav aria-label="Actions">
        <a class="button" href="/">
          Label
        </a>
        {status.state === 'open' ? (
          <>
            <button type="button" onClick={() => void setState('paused')}>
              Pause
            </button>
            <button
              type="button"
              onClick={() => confirm('Ask nobody anything more? You can open it again.') && void setState('closed')}
            >
              Stop
            </button>
          </>
        ) : (
          <button type="button" onClick={() => void setState('open')}>
            Resume
          </button>
        )}
        <button type="button" onClick={() => void invite()}>
          Invite workers
        </button>
        <a class="button" href="/api/admin/labels.csv" download>
          labels.csv
        </a>
        <a class="button" href="/api/admin/annotations.csv" download>
          annotations.csv
        </a>
      </nav>
      {link && (
        <p class="link">
          For up to 50 people, 30 days:{' '}
          <input
            readOnly
            aria-label="Link for workers"
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
        </p>
      )}
      <dl class="figures">
        <Figure
          name="valid"
          value={percent(status.validShare)}
          about={`${count(step?.valid ?? 0)} of ${count(status.tasks)} tasks`}
        />
        <Figure
          name="expected error"
          value={step ? percent(step.error) : '–'}
          about={
            step ? `± ${(100 * step.deviation).toFixed(1)} points${status.calibration ? '' : ', not calibrated'}` : ''
          }
        />
        <Figure
          name="answers"
          value={count(status.answers)}
          about={`${count(status.out)} out, ${count(status.skips)} skipped`}
        />
        <Figure
          name="answers left"
          value={`≈ ${count(left.likely)}`}
          about={`${count(left.low)} to ${count(left.high)}`}
        />
        {status.pace !== null && (
          <Figure
            name="pace"
            value={`${count(Math.round(status.pace.perHour))} per hour`}
            about={left.high > 0 ? `≈ ${hours(left.likely / status.pace.perHour)} left` : ''}
          />
        )}
        {money.spent + money.left.high > 0 && (
          <Figure
            name="cost"
            value={`${money.spent.toFixed(2)} ${money.currency}`}
            about={`≈ ${money.left.likely.toFixed(2)} more`}
          />
        )}
      </dl>
      <section aria-labelledby="h-error">
        <h2 id="h-error">Expected error against answers</h2>
        <Curve steps={steps} />
      </section>
      <section aria-labelledby="h-workers">
        <h2 id="h-workers">Workers</h2>
        <ul class="bars">
          {status.workers
            .filter(({ answers }) => answers > 0)
            .sort((a, b) => b.answers - a.answers)
            .map((worker) => (
              <li key={worker.name}>
                <span class="name">{worker.name}</span>
                <Interval worker={worker} />
                <span class="about">
                  {count(worker.answers)} answers
                  {worker.seconds !== null && `, ${worker.seconds.toFixed(1)} s`}
                  {worker.gold[1] > 0 && `, gold ${worker.gold[0]} of ${worker.gold[1]}`}
                </span>
              </li>
            ))}
        </ul>
        {status.workers.every(({ answers }) => answers === 0) && (
          <p>Nobody has answered yet. Invite workers, or label yourself.</p>
        )}
      </section>
      <section aria-labelledby="h-balance">
        <h2 id="h-balance">Classes</h2>
        <Balance balance={look.balance} />
      </section>
      <section aria-labelledby="h-look">
        <h2 id="h-look">Least sure</h2>
        <ul class="thumbs">
          {look.unsure.slice(0, 12).map((task) => (
            <li key={task.item}>
              {imageOf(task) ? (
                <a href={imageOf(task)!}>
                  <img src={imageOf(task)!} alt={task.task} loading="lazy" />
                </a>
              ) : (
                <p class="text" dir="auto">
                  {(task.content || task.task).slice(0, 200)}
                </p>
              )}
              <p>
                {String(task.label ?? '–')} · {percent(1 - task.risk)} sure · {task.answers}{' '}
                {task.answers === 1 ? 'answer' : 'answers'}
              </p>
            </li>
          ))}
        </ul>
        {look.flags.length > 0 && <h3>Reported or skipped</h3>}
        {look.flags.length > 0 && (
          <ul>
            {look.flags.map((flag, x) => (
              <li key={x}>
                {imageOf(flag) ? <a href={imageOf(flag)!}>{flag.task}</a> : <b>{flag.task}</b>}: <bdi>{flag.text}</bdi>{' '}
                ({flag.worker})
              </li>
            ))}
          </ul>
        )}
      </section>
    </main>
  );
}

function Figure({ name, value, about }: { name: string; value: string; about: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd class="about">{about}</dd>
    </div>
  );
}

/** Expected error with a band of two standard deviations. */
function Curve({ steps }: { steps: Step[] }) {
  const [W, H, L, B] = [640, 220, 44, 26];
  const most = Math.max(1, ...steps.map(({ annotations }) => annotations));
  const top = Math.min(1, Math.max(0.01, ...steps.map(({ error, deviation }) => error + 2 * deviation)));
  const x = (n: number): number => L + ((W - L - 8) * n) / most;
  const y = (e: number): number => 8 + (H - B - 8) * (1 - Math.min(top, Math.max(0, e)) / top);
  const at = (e: (step: Step) => number) =>
    steps.map((step) => `${x(step.annotations).toFixed(1)},${y(e(step)).toFixed(1)}`);
  const upper = at(({ error, deviation }) => error + 2 * deviation);
  const lower = at(({ error, deviation }) => error - 2 * deviation).reverse();
  const last = steps.at(-1);
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${W} ${H}`}
      role="img"
      aria-label={last ? `Expected error ${percent(last.error)} after ${last.annotations} answers` : 'No steps yet'}
    >
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="grid" x1={L} x2={W - 8} y1={y(share * top)} y2={y(share * top)} />
          <text x={L - 6} y={y(share * top) + 4} text-anchor="end">
            {(100 * share * top).toFixed(share * top < 0.02 && share > 0 ? 1 : 0)} %
          </text>
        </g>
      ))}
      <text x={L} y={H - 8}>
        0
      </text>
      <text x={W - 8} y={H - 8} text-anchor="end">
        {count(most)} answers
      </text>
      <polygon class="band" points={[...upper, ...lower].join(' ')} />
      <polyline class="line" points={at(({ error }) => error).join(' ')} />
    </svg>
  );
}

function Interval({ worker: { skill, skillInterval, name } }: { worker: Status['workers'][number] }) {
  if (skill === null || skillInterval === null) return <span />;
  const [low, high] = skillInterval;
  return (
    <svg
      class="interval"
      viewBox="0 0 200 16"
      role="img"
      aria-label={`${name}: skill ${percent(skill)}, between ${percent(low)} and ${percent(high)}`}
    >
      <line class="grid" x1="0" x2="200" y1="8" y2="8" />
      <line class="line" x1={200 * low} x2={200 * high} y1="8" y2="8" />
      <circle cx={200 * skill} cy="8" r="4" />
    </svg>
  );
}

function Balance({ balance }: { balance: Look['balance'] }) {
  const most = Math.max(1, ...balance.map(({ tasks }) => tasks));
  const shown = balance.length <= 30 ? balance : [...balance].sort((a, b) => b.tasks - a.tasks).slice(0, 30);
  return (
    <ul class="bars">
      {balance.length > shown.length && <li>The 30 largest of {count(balance.length)}:</li>}
      {shown.map(({ label, tasks }) => (
        <li key={String(label)}>
          <span class="name">{String(label)}</span>
          <svg class="interval" viewBox="0 0 200 16" role="img" aria-label={`${String(label)}: ${tasks} tasks`}>
            <rect class="bar" x="0" y="2" height="12" width={(200 * tasks) / most} />
          </svg>
          <span class="about">{count(tasks)}</span>
        </li>
      ))}
    </ul>
  );
}
