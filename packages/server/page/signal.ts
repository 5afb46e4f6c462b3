import { useEffect, useState } from 'preact/hooks';

const watchers = new Set<() => void>();

/** A value that pages are drawn from: setting it draws those anew that `useSignals`. */
export interface Signal<V> {
  value: V;
}

export function signal<V>(first: V): Signal<V> {
  let now = first;
  return {
    get value() {
      return now;
    },
    set value(next) {
      now = next;
      for (const watcher of watchers) watcher();
    },
  };
}

/** Draws this component anew whenever a signal is set. */
export function useSignals(): void {
  const [, draw] = useState(0);
  useEffect(() => {
    const watcher = (): void => draw((n) => n + 1);
    watchers.add(watcher);
    // What was set between the first drawing and now.
    watcher();
    return () => watchers.delete(watcher);
  }, []);
}
