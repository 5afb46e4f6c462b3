import { groups } from './classes.js';

/** Images of some classes together, prototypes included. */
interface Sum {
  readonly classes: readonly string[];
  readonly images: number;
}

const idsOf = (...which: number[]): string[] => which.flatMap((g) => Object.keys(groups[g]!));

/**
 * Training images as far as the paper's figures give them: N of an experiment and 10 prototypes of each class. Groups 1
 * and 2 have 1300 of every class, which is ImageNet's maximum; of the others only sums are known.
 */
const sums: readonly Sum[] = [
  { classes: idsOf(0), images: 22_704 + 190 },
  { classes: idsOf(1), images: 23_220 + 180 },
  { classes: idsOf(2), images: 16_770 + 130 },
  { classes: idsOf(4), images: 20_140 + 160 },
  { classes: idsOf(3, 5), images: 42_855 + 340 },
];

/**
 * Training images of each of the 100 classes. Within a sum they are spread evenly (the first classes have one more where
 * it does not divide): the numbers of an experiment as a whole are exact, those of its classes are not.
 */
export const imagesOf: ReadonlyMap<string, number> = new Map(
  sums.flatMap(({ classes, images }) => {
    const each = Math.floor(images / classes.length);
    const rest = images % classes.length;
    return classes.map((id, c) => [id, c < rest ? each + 1 : each] as const);
  }),
);
