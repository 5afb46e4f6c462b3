import { defineComponent, type Aggregator, type Snapshot } from '@quorate/core';
import { CROWD_DEPENDENCE, CROWD_PRIOR, NO_CALIBRATION, type CalibrationPrior } from '@quorate/core/numbers';
import { z } from 'zod';
import { ascentOptions, type AscentOptions } from './ascent.js';
import { CalibratedVote } from './default/calibrated-vote.js';
import { Voters, chooseVoters } from './default/voters.js';
import { known, touchedItems } from './model-aggregator.js';

interface DefaultOptions extends AscentOptions {
  readonly classPrior: 'flat' | 'estimated';
  readonly seed: number;
  readonly calibration: { readonly dependence: number; readonly prior?: CalibrationPrior | undefined };
}

/**
 * Labels by equal votes of the models that know the tasks (`Voters`, `chooseVoters`), with a confidence that was measured
 * against the truth of real crowds, and is fitted to this file's gold (`CalibratedVote`).
 *
 * Where workers are said to err independently (dependence ∞), the model that predicts held-out answers best is taken at its
 * word instead.
 *
 * Gold calibrates, and is the label of its tasks; it does not inform the models, whose answer to "how right are you" it
 * has to give.
 */
export function calibratedVote({ seed, calibration, ...options }: DefaultOptions): Aggregator {
  const { dependence, prior = dependence === Infinity ? NO_CALIBRATION : CROWD_PRIOR } = calibration;
  let state: { readonly voters: Voters; readonly vote: CalibratedVote; readonly notes: readonly string[] } | null =
    null;
  const aggregator: Aggregator = {
    emptyRows: false,
    aggregate(request) {
      const independent = dependence === Infinity;
      const { names, notes } = chooseVoters(request.annotations, seed, independent);
      const voters = new Voters(names, options, !independent);
      voters.aggregate(request);
      state = { voters, vote: CalibratedVote.fit(voters, request, { dependence, prior }), notes };
    },
    inferred() {
      const { voters, vote, notes } = known(state);
      const inferred = voters.inferred();
      return { ...inferred, calibrated: vote.calibrated(), notes: [...notes, ...inferred.notes] };
    },
    absorb(request, first) {
      const touched = state && touchedItems(request.annotations, first);
      if (state && touched) state.vote.absorb(request, first, touched);
      else aggregator.aggregate(request);
    },
    snapshot: () => state && { voters: state.voters.snapshot(), vote: state.vote.snapshot(), notes: state.notes },
    restore(saved: Snapshot) {
      const old = saved as { voters?: Snapshot; vote: Snapshot; notes: readonly string[] } | null;
      // What a version that chose one model has left is no use: the next answers are then aggregated afresh.
      if (!old?.voters) return void (state = null);
      const voters = Voters.restored(old.voters, options);
      state = { voters, vote: CalibratedVote.restored(voters, old.vote), notes: old.notes };
    },
  };
  return aggregator;
}

const normal = (what: string, { mean, sd }: CalibrationPrior['slope']): z.ZodType<CalibrationPrior['slope']> =>
  z
    .strictObject({ mean: z.number().default(mean), sd: z.number().min(0).default(sd) })
    .prefault({})
    .describe(what);

/** `Infinity` is no JSON, so that a file or a command line says it as a word. */
const dependence = z
  .union([z.number().positive(), z.literal('Infinity').transform(() => Infinity), z.literal(Infinity)])
  .default(CROWD_DEPENDENCE)
  .describe(
    'answers to one task are as dependent as draws from an urn of so many balls; Infinity: workers err independently, ' +
      'as simulated ones do, and nothing is calibrated unless a prior is given',
  );

export const calibrationOptions = z
  .strictObject({
    dependence,
    prior: z
      .strictObject({
        slope: normal('how far votes and evidence are to be believed', CROWD_PRIOR.slope),
        growth: normal('how much further where one class leads', CROWD_PRIOR.growth),
        biasSd: z.number().min(0).default(CROWD_PRIOR.biasSd).describe('how far a class is off, in log-odds'),
      })
      .optional()
      .describe('what earlier files of yours have shown; without it what 48 real crowds have'),
  })
  .prefault({})
  .describe('how confidence is made to hold');

export default defineComponent({
  kind: 'aggregator',
  name: 'default',
  summary: 'votes of the models that predict held-out answers, with calibrated confidence',
  options: z.strictObject({
    ...ascentOptions,
    classPrior: z
      .enum(['flat', 'estimated'])
      .default('flat')
      .describe(
        'flat: the votes of models do not lean to frequent classes; estimated: they do, as far as the answers say',
      ),
    seed: z.int().default(1).describe('of the deal of the answers into folds'),
    calibration: calibrationOptions,
  }),
  create: calibratedVote,
});
