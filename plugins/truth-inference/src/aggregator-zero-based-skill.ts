import { defineComponent, type Aggregator } from '@quorate/core';
import { z } from 'zod';
import { answersByItem } from './answers-by-item.js';
import { ascend, ascentOptions, type Ascent, type AscentOptions } from './ascent.js';
import { known } from './model-aggregator.js';
import { countAgreement, skillsOf, weightedShares, winnersOf } from './weighted-votes.js';

/**
 * Zero-based skill: the weighted vote and the skills that it gives, in turn until both stand,
 *
 *     ŷ_i = arg max_k Σ_a s_j [z_a = k],    s_j = #{answers of j that name ŷ} / n_j
 *
 * from equal skills; ties count in equal parts, gold is its own ŷ. Both steps raise Σ_a s_j [z_a = ŷ_i] − ½ Σ_j n_j s_j²
 * (the second is its maximum in s), the objective, in answers. The published method moves skills by a decreasing learning
 * rate instead. Not a probability model: the learner's prior is ignored and items without answers get rows of zeros.
 *
 * Toloka: Crowd-Kit, class ZeroBasedSkill; no paper.
 */
export function zeroBasedSkill(options: AscentOptions): Aggregator {
  let state: { skill: Float64Array; ascent: Ascent } | null = null;
  return {
    emptyRows: true,
    aggregate({ annotations, gold = null, posterior }) {
      const answers = answersByItem(annotations);
      const { workers, classes: K, items } = answers;
      let skill: Float64Array = new Float64Array(workers).fill(1);
      const winners = new Float64Array(items * K);
      const ascent = ascend(() => {
        weightedShares(answers, skill, gold, posterior);
        winnersOf(answers, posterior, gold, winners);
        const agreed = new Float64Array(workers);
        const said = new Float64Array(workers);
        countAgreement(answers, winners, agreed, said);
        skill = skillsOf(agreed, said);
        return agreed.reduce((sum, n, j) => sum + n * skill[j]! - 0.5 * said[j]! * skill[j]! ** 2, 0);
      }, options);
      weightedShares(answers, skill, gold, posterior);
      state = { skill, ascent };
    },
    inferred() {
      const { skill, ascent } = known(state);
      return {
        skill: skill.slice(),
        confusions: null,
        classPrior: null,
        ...ascent,
        objective: ascent.objective.slice(),
        notes: [],
      };
    },
  };
}

export default defineComponent({
  kind: 'aggregator',
  name: 'zero_based_skill',
  summary: 'votes weighted by skill, and skill by agreement with them, until both stand',
  options: z.strictObject({ ...ascentOptions, maxIterations: ascentOptions.maxIterations.default(100) }),
  create: zeroBasedSkill,
});
