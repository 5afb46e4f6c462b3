/** No factor of a likelihood is smaller: no answer rules a class out, and products of 15 stay normal doubles. */
export const TINY = 1e-18;

/** Least probability that a learner's class probability counts as. */
export const PRIOR_FLOOR = 1e-8;
