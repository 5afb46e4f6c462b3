import type { StoppingRule, StopRequest } from '@quorate/core';
import type { Mutant } from './mutants.js';
import { referenceRule } from './reference/stopping-rule.js';
import type { StoppingRuleSubject } from './stopping-rule-subject.js';

function mutant(name: string, breaks: string, make: () => StoppingRule): Mutant<StoppingRuleSubject> {
  return { name, breaks, subject: { make, capabilities: {} } };
}

let stopsOfAll = 0;

export const stoppingRuleMutants: readonly Mutant<StoppingRuleSubject>[] = [
  mutant('undefined at the first step', 'L1', () => {
    const history: number[] = [];
    return { stop: ({ valid }) => (history.push(valid) > 1 ? null : (undefined as unknown as null)) };
  }),
  mutant('stops without saying why', 'L1', () => {
    const right = referenceRule();
    return { ...right, stop: (request) => (right.stop(request) === null ? null : '') };
  }),
  mutant('a history that no snapshot holds', 'L2', () => ({ stop: referenceRule().stop.bind(null) })),
  mutant('a snapshot without the maximum', 'L2', () => {
    const right = referenceRule();
    return { ...right, snapshot: () => ({ ...(right.snapshot?.() as object), best: 0 }) };
  }),
  mutant('a snapshot that lives on', 'L2', () => {
    const history: number[] = [];
    const stop = ({ valid }: StopRequest): string | null =>
      history.push(valid) > 5 && valid <= history.at(-5)! ? 'stands still' : null;
    return { stop, snapshot: () => history, restore: (state) => void history.push(...(state as number[])) };
  }),
  mutant('counts the rules of the process', 'L2', () => ({
    stop: ({ valid }) => (valid > 0 && stopsOfAll++ % 5 === 4 ? 'enough' : null),
  })),
  mutant('takes the riskiest item for done', 'L9', () => {
    const right = referenceRule();
    const stop = (request: StopRequest): string | null => {
      request.beliefs.risk[0] = 0;
      return right.stop(request);
    };
    return { ...right, stop };
  }),
  mutant('stops when it is asked for the third time', 'L2', () => {
    let asked = 0;
    return { stop: () => (++asked >= 3 ? 'it was asked three times' : null) };
  }),
  mutant('stops once', 'L3', () => {
    const right = referenceRule();
    let stopped = false;
    const stop = (request: StopRequest): string | null => {
      const answer = stopped ? null : right.stop(request);
      stopped ||= answer !== null;
      return answer;
    };
    return { ...right, stop };
  }),
  mutant('takes every question for a new step, and the plateau leaves its window', 'L3', () => {
    const window: number[] = [];
    return {
      stop: ({ valid }) => {
        window.push(valid);
        const recent = window.slice(-4);
        return recent.length === 4 && recent[0]! > recent[3]! ? 'falls' : null;
      },
    };
  }),
  mutant('a reason of two sentences', 'L1', () => {
    const right = referenceRule();
    return { ...right, stop: (request) => (right.stop(request) === null ? null : 'It is enough.\nReally.') };
  }),
  mutant('stops before the first question', 'S1', () => ({ stop: () => 'it is done' })),
  {
    name: 'stops when the truth has many of one class',
    breaks: 'L2',
    subject: {
      make: ({ truth }) => ({
        stop: () => ((truth?.classOf.filter((k) => k === 0).length ?? 0) > 14 ? 'enough' : null),
      }),
      capabilities: {},
    },
  },
];
