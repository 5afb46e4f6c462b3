import { defineComponent, type Aggregator } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { z } from 'zod';
import { answersByItem, knowledgeOf, voteShares, type AnswersByItem, type ItemKnowledge } from './answers-by-item.js';
import { ascend, ascentOptions, type Ascent, type AscentOptions } from './ascent.js';
import { fillUnanswered } from './crowd-model.js';
import { PRIOR_FLOOR } from './probability-floors.js';
import { known } from './model-aggregator.js';

interface Parameters {
  /** α_j, length W, and ln β_i, length N. */
  readonly ability: Float64Array;
  readonly ease: Float64Array;
}

/**
 * GLAD, generative model of labels, abilities and difficulties: a worker of ability α_j is right about an item of ease β_i
 *
 *     P(z_a = y_i) = σ(α_j β_i),    else any other class with (1 − σ(α_j β_i)) / (K − 1);    α_j ~ N(1, 1),  ln β_i ~ N(1, 1)
 *
 * with σ(x) = 1 / (1 + e^−x), all classes equally likely from the start. By EM from the shares of the votes. The M step does
 * one step in every α and then one in every ln β: for α the maximum of a quadratic lower bound of ln σ that touches it
 * [JaakkolaJordan00], for ln β a Newton step that is halved until it raises the item's part; so the objective, the log
 * posterior Σ_i ln Σ_k (1/K) Π_a P(z_a | k) + ln p(α) + ln p(β) up to a constant, in nats, never falls.
 *
 * J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma, J. Movellan: Whose Vote Should Count More. NIPS 2009.
 */
export function glad(options: AscentOptions): Aggregator {
  let state: { parameters: Parameters; ascent: Ascent } | null = null;
  return {
    emptyRows: false,
    aggregate(request) {
      const { annotations, posterior } = request;
      const answers = answersByItem(annotations);
      const knowledge = knowledgeOf(request);
      const { workers, items, classes: K } = answers;
      const parameters = { ability: new Float64Array(workers).fill(1), ease: new Float64Array(items).fill(1) };
      voteShares(answers, knowledge.gold, posterior);
      const ascent = ascend(() => {
        stepAbilities(answers, posterior, parameters);
        stepEases(answers, posterior, parameters);
        return expectation(answers, knowledge, parameters, posterior) + logPrior(parameters);
      }, options);
      fillUnanswered(answers, knowledge, new Float64Array(K).fill(1 / K), posterior);
      state = { parameters, ascent };
    },
    inferred() {
      const { parameters, ascent } = known(state);
      const { ability, ease } = parameters;
      const typical = Math.exp(ease.reduce((sum, e) => sum + e, 0) / Math.max(1, ease.length));
      const notes = ascent.converged
        ? []
        : [`not converged after ${ascent.iterations} iterations: raise maxIterations`];
      return {
        skill: ability.map((a) => sigmoid(a * typical)),
        confusions: null,
        classPrior: null,
        ...ascent,
        objective: ascent.objective.slice(),
        notes,
      };
    },
  };
}

/** E step: an answer z adds ln (K − 1) + ln σ/(1 − σ) = ln (K − 1) + α β to class z, and ln (1 − σ) / (K − 1) to all. */
function expectation(
  { items, classes: K, start, worker, label }: AnswersByItem,
  { prior, gold }: ItemKnowledge,
  { ability, ease }: Parameters,
  rows: Float64Array,
): number {
  const others = Math.log(Math.max(1, K - 1));
  const row = new Float64Array(K);
  let logLikelihood = 0;
  for (let i = 0; i < items; i++) {
    const g = gold?.[i] ?? -1;
    if (start[i] === start[i + 1] && g < 0) continue;
    const at = i * K;
    for (let k = 0; k < K; k++) row[k] = prior ? Math.log(Math.max(prior[at + k]!, PRIOR_FLOOR)) : -Math.log(K);
    const beta = Math.exp(ease[i]!);
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const x = ability[worker[a]!]! * beta;
      logLikelihood -= softplus(x) + others;
      row[label[a]!]! += x + others;
    }
    logLikelihood += g >= 0 ? row[g]! : softmax(row);
    if (g >= 0) row.fill(0)[g] = 1;
    rows.set(row, at);
  }
  return logLikelihood;
}

/** α_j += gradient / curvature, with ln(1 + e^x) bounded by the parabola of curvature tanh(x/2) / (2x) that touches it. */
function stepAbilities(
  { items, classes: K, start, worker, label }: AnswersByItem,
  rows: Float64Array,
  { ability, ease }: Parameters,
): void {
  const gradient = ability.map((a) => 1 - a);
  const curvature = new Float64Array(ability.length).fill(1);
  for (let i = 0; i < items; i++) {
    const beta = Math.exp(ease[i]!);
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const j = worker[a]!;
      const x = ability[j]! * beta;
      gradient[j]! += (rows[i * K + label[a]!]! - sigmoid(x)) * beta;
      curvature[j]! += beta * beta * (Math.abs(x) < 1e-4 ? 0.25 : Math.tanh(x / 2) / (2 * x));
    }
  }
  for (let j = 0; j < ability.length; j++) ability[j]! += gradient[j]! / curvature[j]!;
}

const HALVINGS = 30;

/** One guarded Newton step in ln β_i. Where the curvature has the wrong sign, a gradient step. */
function stepEases(answers: AnswersByItem, rows: Float64Array, { ability, ease }: Parameters): void {
  const { items, classes: K, start, worker, label } = answers;
  for (let i = 0; i < items; i++) {
    if (start[i] === start[i + 1]) continue;
    const now = ease[i]!;
    const beta = Math.exp(now);
    let gradient = 1 - now;
    let curvature = 1;
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const x = ability[worker[a]!]! * beta;
      const s = sigmoid(x);
      const residual = (rows[i * K + label[a]!]! - s) * x;
      gradient += residual;
      curvature += s * (1 - s) * x * x - residual;
    }
    const value = (e: number): number => {
      let sum = -0.5 * (e - 1) ** 2;
      const b = Math.exp(e);
      for (let a = start[i]!; a < start[i + 1]!; a++) {
        const x = ability[worker[a]!]! * b;
        sum += rows[i * K + label[a]!]! * x - softplus(x);
      }
      return sum;
    };
    let step = Math.max(-1, Math.min(1, curvature > 0 ? gradient / curvature : gradient));
    const before = value(now);
    for (let h = 1; h <= HALVINGS && value(now + step) < before; h++) step = h < HALVINGS ? step / 2 : 0;
    ease[i] = now + step;
  }
}

function logPrior({ ability, ease }: Parameters): number {
  return -0.5 * [ability, ease].reduce((sum, all) => all.reduce((s, x) => s + (x - 1) ** 2, sum), 0);
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x));
}

/** ln(1 + e^x). */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

export default defineComponent({
  kind: 'aggregator',
  name: 'glad',
  summary: 'ability of every worker and difficulty of every task (Whitehill et al. 2009)',
  options: z.strictObject({ ...ascentOptions, tolerance: ascentOptions.tolerance.default(1e-6) }),
  create: glad,
});
