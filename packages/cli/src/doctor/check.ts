/** `hint`: works without, but you may want it. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'hint' | 'problem';
  readonly text: string;
  /** Of a learner backend that was timed. */
  readonly stepsPerSecond?: number;
  /** Of a learner backend that is a choice among the others: the one that it takes here. */
  readonly chooses?: string;
}
