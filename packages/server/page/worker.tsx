import { signal, useSignals } from './signal';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, imageOf, type Label, type Me, type Next, type Question } from './api';
import { Outbox, online, unsent } from './outbox';

const outbox = new Outbox();
const AHEAD = 4;
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
    // A question that is before this worker already comes back first.
    const next = await call<Next>('next', { count: AHEAD + 1 + unsent.value });
    const busy = (lease: number): boolean => outbox.has(lease) || held.value?.question.lease === lease;
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
    if ((thrown as { status?: number }).status === 401) location.assign('/join');
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
  queue.value = rest;
  done.value++;
  if (rest.length < AHEAD) void fill();
}

function undo(): void {
  if (!held.value) return;
  clearTimeout(timer);
  queue.value = [held.value.question, ...queue.value];
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

const DIGITS = [...'1234567890'];

/** The key of each class: its name where all names are one character long, else digits. */
function keysOf(classes: readonly Label[]): readonly string[] {
  const names = classes.map((label) => String(label).toLowerCase());
  const own =
    names.every((name) => name.length === 1 && !'usf?'.includes(name)) && new Set(names).size === names.length;
  return own ? names : classes.length > DIGITS.length ? [] : DIGITS;
}

export function WorkerPage({ me }: { me: Me }) {
  useSignals();
  const [question] = queue.value;
  const [panel, setPanel] = useState<'help' | 'skip' | 'flag' | null>(null);
  const [filter, setFilter] = useState('');
  const began = useRef(performance.now());
  const keys = keysOf(me.classes);
  const many = keys.length === 0;
  const shown = me.classes.filter((label) => String(label).toLowerCase().includes(filter.toLowerCase()));

  useEffect(() => {
    void fill();
    const leave = (): void => release();
    addEventListener('pagehide', leave);
    const poll = setInterval(() => queue.value.length === 0 && void fill(), 3000);
    return () => (removeEventListener('pagehide', leave), clearInterval(poll));
  }, []);
  useEffect(() => {
    began.current = performance.now();
    setFilter('');
  }, [question?.lease]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key === 'Escape') setPanel(null);
      if (panel !== null) return;
      if (typing) {
        if (event.key === 'Enter' && shown.length > 0 && filter !== '') answer(shown[0]!, began.current);
        return;
      }
      const place = keys.indexOf(event.key.toLowerCase());
      if (place >= 0 && place < shown.length && !many) answer(shown[place]!, began.current);
      else if (event.key === 'u' || event.key === 'Backspace') undo();
      else if (event.key === 's') setPanel('skip');
      else if (event.key === 'f') setPanel('flag');
      else if (event.key === '?') setPanel('help');
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
        <h1>{me.title}</h1>
        <p class="progress" role="status">
          {total} done ·{' '}
          {online.value ? (unsent.value > 0 || held.value ? 'saving' : 'saved') : `offline, ${unsent.value} kept here`}
        </p>
      </header>
      {question ? (
        <section class="task" aria-label="Task">
          <p class="ask">{me.question}</p>
          <Content key={question.lease} question={question} />
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
          <div class={many ? 'choices many' : 'choices'}>
            {shown.map((label, x) => (
              <button key={String(label)} type="button" class="choice" onClick={() => answer(label, began.current)}>
                {!many && <kbd>{keys[x]}</kbd>} {String(label)}
              </button>
            ))}
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
          <kbd>u</kbd> Undo
        </button>
        <button type="button" disabled={!question} onClick={() => setPanel('skip')}>
          <kbd>s</kbd> Skip
        </button>
        <button type="button" disabled={!question} onClick={() => setPanel('flag')}>
          <kbd>f</kbd> Report
        </button>
        <button type="button" onClick={() => setPanel('help')}>
          <kbd>?</kbd> Guidelines
        </button>
      </footer>
      {panel === 'help' && (
        <Panel title="Guidelines" close={() => setPanel(null)}>
          {(me.guidelines || 'Choose the class that fits best. Skip what you cannot decide.')
            .split(/\n\n+/)
            .map((text) => (
              <p key={text}>{text}</p>
            ))}
          <p>Keys: those on the buttons, u undo, s skip, f report, ? this page.</p>
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

function Content({ question }: { question: Question }) {
  const url = imageOf(question);
  if (url !== null) return <img src={url} alt="The task" />;
  return <p class="text">{question.kind === 'text' ? question.content : question.task}</p>;
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
  useEffect(() => dialog.current?.showModal(), []);
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
