import { QuorateError } from '@quorate/core';
import type { GroupCounts } from './confusion.js';
import type { ErrorShape } from './study.js';

/**
 * Which real worker of groups 0..5 each of the original's 50 simulated workers is made of with its default seed, 123, one
 * hexadecimal digit a group; the published curves agree with this draw. It seeds NumPy's RandomState with 123..172 and draws the groups in the order 0, 2, 3, 1, 5, 4;
 * for uniform noise it draws ten and uses the first, so that the two shapes have different workers.
 */
const published: Readonly<Record<ErrorShape, string>> = {
  structured: `
  212663 c21709 237706 601364 942443 223527 788666 935501 357120 161255
  118046 376022 b65079 975654 613069 a51542 410475 866700 671123 505321
  921172 768623 565227 b02119 618742 333315 115327 440275 875405 c57306
  c70071 955534 457064 c12524 823251 882165 b37460 888107 b43713 b22112
  127747 802181 082409 546141 105303 547745 341533 a87424 066519 a62726
`,
  uniform: `
  201138 c55129 242306 622674 947310 241138 725738 926373 378424 122486
  125237 385618 b77650 936113 657719 a20275 448251 877224 638209 577384
  921662 775131 535700 b67460 644244 386147 178607 408787 862729 c11219
  c66147 905189 416722 c65530 812188 824348 b38052 862739 b23369 b16224
  105722 830485 064552 558212 158619 550552 341168 a62383 028502 a82435
`,
};

/** How many workers the published draw has; more than these are drawn from the seed. */
export const PUBLISHED_WORKERS = 50;

/**
 * The published worker `i` < 50 as one index for each group. Throws DATA_INVALID where the study has other groups.
 */
export function publishedPicks(shape: ErrorShape, i: number, groups: readonly GroupCounts[]): number[] {
  const picks = Array.from(published[shape].trim().split(/\s+/)[i]!, (digit) => parseInt(digit, 16));
  if (picks.length === groups.length && picks.every((v, g) => v < groups[g]!.workers.length)) return picks;
  throw new QuorateError('DATA_INVALID', {
    where: 'workers.draw=published',
    expected: 'the published study, six groups of 13, 9, 9, 8, 9 and 10 workers',
    got: `${groups.length} groups of ${groups.map((group) => group.workers.length).join(', ')}`,
    fix: 'Set workers.draw=seeded for a study of your own.',
  });
}
