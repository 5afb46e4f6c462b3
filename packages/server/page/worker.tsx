import { signal, useSignals } from './signal';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { call, imageOf, type Label, type Me, type Next, type Question } from './api';
import { choose, chosen, keysOf, layoutNames, type Layout } from './keys';
import { Outbox, online, unsent } from './outbox';

let outbox: Outbox;
/** Tells the person's other tabs which question is answered here, or, with `undone`, is open again. */
const tabs = new BroadcastChannel('quorate');
interface News {
  lease: number;
  undone: boolean;
}
const answeredElsewhere = new Set<number>();
const AHEAD = 4;
/** More classes than this are found by typing. */
const MANY = 36;
/** An answer is held back so long, so that it can be undone. */
const HOLD_MS = 10_000;

interface Held {
  question: Question;
  label: Label;
  ms: number;
}

const queue = signal<Question[]>([]);
const state = signal<Next['state'] | 'offline'>('ask');
const held = signal<Held | null>(null);
const done = signal(0);
let timer: number | undefined;
let filling = false;

async function fill(): Promise<void> {
  if (filling) return;
  filling = true;
  try {
    // A question that is before this worker already comes back first, also one that is answered but not sent.
    const next = await call<Next>('next', { count: Math.min(20, AHEAD + 3 + unsent.value) });
    const busy = (lease: number): boolean =>
      outbox.has(lease) || answeredElsewhere.has(lease) || held.value?.question.lease === lease;
    const fresh = next.questions.filter(({ lease }) => !busy(lease));
    const known = new Set(queue.value.map(({ lease }) => lease));
    queue.value = [...queue.value, ...fresh.filter(({ lease }) => !known.has(lease))];
    for (const question of fresh) {
      const url = imageOf(question);
      if (url !== null) new Image().src = url;
    }
    state.value = next.state === 'ask' && queue.value.length === 0 ? 'wait' : next.state;
    online.value = true;
  } catch (thrown) {
    if ((thrown as { status?: number }).status === 401) location.replace('/join');
    if (queue.value.length === 0) state.value = 'offline';
    online.value = (thrown as { status?: number }).status !== 0;
  } finally {
    filling = false;
  }
}

/** Sends the answer that was held back. */
function release(): void {
  clearTimeout(timer);
  if (!held.value) return;
  const { question, label, ms } = held.value;
  outbox.put({ path: 'answer', body: { lease: question.lease, label, ms } });
  held.value = null;
}

function answer(label: Label, began: number): void {
  const [question, ...rest] = queue.value;
  if (!question) return;
  release();
  held.value = { question, label, ms: Math.round(performance.now() - began) };
  timer = setTimeout(release, HOLD_MS) as unknown as number;
  advance(rest);
}

function advance(rest: Question[]): void {
  const [before] = queue.value;
  if (before) tabs.postMessage({ lease: before.lease, undone: false } satisfies News);
  queue.value = rest;
  done.value++;
  if (rest.length < AHEAD) void fill();
}

function undo(): void {
  if (!held.value) return;
  clearTimeout(timer);
  queue.value = [held.value.question, ...queue.value];
  tabs.postMessage({ lease: held.value.question.lease, undone: true } satisfies News);
  held.value = null;
  done.value--;
}

function skip(reason: string): void {
  const [question, ...rest] = queue.value;
  if (!question) return;
  release();
  outbox.put({ path: 'skip', body: { lease: question.lease, reason } });
  advance(rest);
}

export function WorkerPage({ me }: { me: Me }) {
  useSignals();
  const [question] = queue.value;
  const [panel, setPanel] = useState<'help' | 'skip' | 'flag' | null>(null);
  const [filter, setFilter] = useState('');
  const began = useRef(performance.now());
  const keys = keysOf(me.classes);
  const many = keys.classes.every((key) => key === '') || me.classes.length > MANY;
  const found = me.classes.filter((label) => String(label).toLowerCase().includes(filter.toLowerCase()));
  // What begins with the text comes before what has it somewhere.
  const begins = (label: Label): number => (String(label).toLowerCase().startsWith(filter.toLowerCase()) ? 0 : 1);
  const shown = filter === '' ? found : [...found].sort((a, b) => begins(a) - begins(b));

  useEffect(() => {
    outbox ??= new Outbox(me.worker);
    const refill = (): void => void (queue.value.length === 0 && fill());
    void fill();
    addEventListener('pagehide', release);
    // Back from the page that one went to: time has passed.
    addEventListener('pageshow', refill);
    addEventListener('online', refill);
    const elsewhere = ({ data }: MessageEvent<News>): void => {
      if (data.undone) answeredElsewhere.delete(data.lease);
      else answeredElsewhere.add(data.lease);
      queue.value = queue.value.filter(({ lease }) => !answeredElsewhere.has(lease));
      if (queue.value.length < AHEAD) void fill();
    };
    tabs.addEventListener('message', elsewhere);
    const events = new EventSource('/api/events');
    events.addEventListener('step', refill);
    events.addEventListener('state', ({ data }: MessageEvent<string>) => {
      if (data !== '"open"') void fill();
      else refill();
    });
    const poll = setInterval(refill, 5000);
    return () => {
      removeEventListener('pagehide', release);
      removeEventListener('pageshow', refill);
      removeEventListener('online', refill);
      tabs.removeEventListener('message', elsewhere);
      events.close();
      clearInterval(poll);
    };
  }, []);
  useEffect(() => {
    began.current = performance.now();
    setFilter('');
  }, [question?.lease]);
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key === 'Escape') setPanel(null);
      if (panel !== null) return;
      if (typing) {
        if (event.key === 'Enter' && shown.length > 0 && filter !== '') answer(shown[0]!, began.current);
        return;
      }
      const { commands } = keys;
      const key = event.key.toLowerCase();
      const place = keys.classes.indexOf(key);
      if (place >= 0) answer(me.classes[place]!, began.current);
      else if (key === commands.undo || key === 'backspace') undo();
      else if (key === commands.skip && question) setPanel('skip');
      else if (key === commands.flag && question) setPanel('flag');
      else if (key === commands.help || key === '?') setPanel('help');
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  const total = me.mine + done.value;
  return (
    <main class="worker">
      <header>
        <h1 dir="auto">{me.title}</h1>
        {me.role === 'admin' && (
          <a class="button quiet" href="/admin">
            Campaign
          </a>
        )}
        <p class="progress" role="status">
          {total} done ·{' '}
          {online.value ? (unsent.value > 0 || held.value ? 'saving' : 'saved') : `offline, ${unsent.value} kept here`}
        </p>
      </header>
      {question ? (
        <section class="task" aria-label="Task">
          <p class="ask" dir="auto">
            {me.question}
          </p>
          <Content key={question.lease} question={question} />
          {question.suggestions && (
            <div class="choices" role="group" aria-label="Suggestions">
              {question.suggestions.map((label) => (
                <button
                  key={String(label)}
                  type="button"
                  class="choice suggested"
                  onClick={() => answer(label, began.current)}
                >
                  <bdi>{String(label)}</bdi>?
                </button>
              ))}
            </div>
          )}
          {many && (
            <input
              type="search"
              autofocus
              aria-label="Find a class; Enter takes the first"
              placeholder="Type to find a class"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
          )}
          <div class={many ? 'choices many' : 'choices'} role="group" aria-label="Classes">
            {shown.map((label) => {
              const key = keys.classes[me.classes.indexOf(label)];
              return (
                <button key={String(label)} type="button" class="choice" onClick={() => answer(label, began.current)}>
                  {key && <kbd>{key}</kbd>} <bdi>{String(label)}</bdi>
                </button>
              );
            })}
            {shown.length === 0 && <p>No class has this in its name.</p>}
          </div>
        </section>
      ) : (
        <section class="task empty" role="status">
          {state.value === 'done' && <p>That was all. Thank you!</p>}
          {state.value === 'paused' && <p>This is paused. It goes on here by itself.</p>}
          {state.value === 'wait' && (
            <p>Nothing for you at the moment: others are answering. New tasks come here by themselves.</p>
          )}
          {state.value === 'ask' && <p>One moment…</p>}
          {state.value === 'offline' && <p>There is no connection. Your answers are kept and sent later.</p>}
        </section>
      )}
      <footer>
        <button type="button" disabled={!held.value} onClick={undo}>
          <kbd>{keys.commands.undo}</kbd> Undo
        </button>
        <button type="button" disabled={!question} onClick={() => setPanel('skip')}>
          <kbd>{keys.commands.skip}</kbd> Skip
        </button>
        <button type="button" disabled={!question} onClick={() => setPanel('flag')}>
          <kbd>{keys.commands.flag}</kbd> Report
        </button>
        <button type="button" onClick={() => setPanel('help')}>
          <kbd>{keys.commands.help}</kbd> Guidelines
        </button>
      </footer>
      {panel === 'help' && (
        <Panel title="Guidelines" close={() => setPanel(null)}>
          <Help me={me} />
        </Panel>
      )}
      {panel === 'skip' && (
        <Panel title="Skip this task" close={() => setPanel(null)}>
          {['I am not sure', 'It is broken or empty', 'None of these fits'].map((reason) => (
            <button key={reason} type="button" onClick={() => (skip(reason), setPanel(null))}>
              {reason}
            </button>
          ))}
        </Panel>
      )}
      {panel === 'flag' && question && <Report question={question} close={() => setPanel(null)} />}
    </main>
  );
}

/** Guidelines, examples of the classes, and the keys. */
function Help({ me }: { me: Me }) {
  const keys = keysOf(me.classes);
  const own = (label: Label, key: string): void =>
    choose({ own: { ...chosen.value.own, [String(label)]: key.trim().toLowerCase() } });
  return (
    <>
      {(me.guidelines || 'Choose the class that fits best. Skip what you cannot decide.').split(/\n\n+/).map((text) => (
        <p key={text} dir="auto">
          {text}
        </p>
      ))}
      {me.examples.map(({ label, images, texts }) => (
        <section key={label} class="examples" aria-label={`Examples of ${label}`}>
          <h3 dir="auto">{label}</h3>
          {Array.from({ length: images }, (_, n) => (
            <img key={n} src={`/api/examples/${encodeURIComponent(label)}/${n}/image`} alt={`Example of ${label}`} />
          ))}
          {texts.map((text) => (
            <p key={text} class="text" dir="auto">
              {text}
            </p>
          ))}
        </section>
      ))}
      <details>
        <summary>Keys</summary>
        <label>
          Layout
          <select
            value={chosen.value.layout}
            onChange={(event) => choose({ layout: event.currentTarget.value as Layout, own: {} })}
          >
            {layoutNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {me.classes.length <= MANY && (
          <div class="keys">
            {me.classes.map((label, k) => (
              <label key={String(label)}>
                <bdi>{String(label)}</bdi>
                <input
                  maxLength={1}
                  value={keys.classes[k]}
                  onChange={(event) => own(label, event.currentTarget.value)}
                />
              </label>
            ))}
          </div>
        )}
        <p>
          {keys.commands.undo} or Backspace takes the last answer back, {keys.commands.skip} skips, {keys.commands.flag}{' '}
          reports, ? opens this page.
        </p>
      </details>
    </>
  );
}

function Content({ question }: { question: Question }) {
  const [tries, setTries] = useState(0);
  const [failed, setFailed] = useState(false);
  const url = imageOf(question);
  if (url === null) {
    return (
      <p class="text content" dir="auto" tabIndex={0}>
        {question.kind === 'text' ? question.content : question.task}
      </p>
    );
  }
  if (failed) {
    return (
      <p role="alert">
        The image does not load.{' '}
        <button type="button" onClick={() => (setFailed(false), setTries(tries + 1))}>
          Try again
        </button>
      </p>
    );
  }
  return <img key={tries} src={url} alt="The task" onError={() => setFailed(true)} />;
}

function Report({ question, close }: { question: Question; close: () => void }) {
  const [text, setText] = useState('');
  return (
    <Panel title="Report this task" close={close}>
      <label>
        What is wrong with it?
        <textarea rows={3} maxLength={500} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button
        type="button"
        disabled={text.trim() === ''}
        onClick={() => {
          outbox.put({ path: 'flag', body: { lease: question.lease, reason: text.trim() } });
          close();
        }}
      >
        Send
      </button>
    </Panel>
  );
}

function Panel({ title, close, children }: { title: string; close: () => void; children: preact.ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key can come.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={close}>
      <h2>{title}</h2>
      {children}
      <button type="button" class="quiet" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
