import type { Annotations } from '@quorate/core';
import { ExpectedGain } from '@quorate/core/numbers';
import type { FamilyAnswers } from './family-answers.js';
import type { Trust } from './trust.js';

/** Evidence in nats that a model must have before it is asked for more than a trial. */
const PROVEN = 3;
/** Items that people have answered about, at least and for each class, about which a model is asked to be judged. */
const TRIAL = 100;
const TRIAL_PER_CLASS = 10;

export interface WorthRequest {
  readonly family: FamilyAnswers;
  /** As people's answers have it; null before the first answer of the family. */
  readonly trust: Trust | null;
  /** Of one answer of the family, and of a person. */
  readonly price: number;
  readonly personPrice: number;
  readonly posterior: Float64Array;
  readonly risk: Float64Array;
  readonly riskThreshold: number;
  /** What an answer of a random person gains. */
  readonly person: ExpectedGain;
}

/**
 * What to ask a model about: everything where it costs nothing; else, once people's answers support it (evidence of 3
 * nats), the open items for which its answer gains more per price than a person's:
 *
 *     gain_f(i)/price_f >= gain_person(i)/price_person,      gain(i) = Σ_z max_k y_i(k) P(z | k) - max_k y_i(k)
 *
 * with P(z | k) = w C(z | k) + (1 - w) m(z): a model that is believed by half gains half as much. Before that it is on trial
 * (`itemsOfTrial`): one that is no good costs the trial and no more.
 */
export function chooseItems(request: WorthRequest): Int32Array {
  const { family, trust, price } = request;
  const silent = Int32Array.from(family.has.keys()).filter((i) => family.has[i] === 0);
  if (price === 0) return silent;
  return trust !== null && trust.weight > 0 && trust.evidence >= PROVEN ? worthy(request, silent) : new Int32Array(0);
}

/** Of the items that people have answered about, max(100, 10 K) are for a trial: those that the model has not seen. */
export function itemsOfTrial(family: FamilyAnswers, people: Annotations): Int32Array {
  const judged = people.annotated.slice(0, people.annotatedCount).filter((i) => people.perItem[i]! > 0);
  const overlap = judged.reduce((sum, i) => sum + family.has[i]!, 0);
  const wanted = Math.max(TRIAL, TRIAL_PER_CLASS * family.classes);
  return judged.filter((i) => family.has[i] === 0).slice(0, Math.max(0, wanted - overlap));
}

/** The open items among `items` for which the model is worth its price, the most promising first. */
function worthy(request: WorthRequest, items: Int32Array): Int32Array {
  const { family, trust, price, personPrice, posterior, risk, riskThreshold, person } = request;
  const K = family.classes;
  const { weight } = trust!;
  const mean = new Float64Array(K * K);
  for (let z = 0; z < K; z++) {
    for (let k = 0; k < K; k++) {
      mean[k * K + z] = weight * trust!.confusion[z * K + k]! + (1 - weight) * family.habit[z]!;
    }
  }
  const model = new ExpectedGain(mean, K);
  const value = new Float64Array(risk.length);
  const worth = items.filter((i) => {
    if (!(risk[i]! > riskThreshold)) return false;
    const gain = model.of(i, posterior);
    value[i] = gain;
    return gain > 0 && gain * personPrice >= person.of(i, posterior) * price;
  });
  return worth.sort((a, b) => value[b]! - value[a]! || a - b);
}
