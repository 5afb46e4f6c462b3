import { AnnotationIndex } from '@quorate/core';

/**
 * How 5 anaesthetists rated 45 patients on a scale of 1 to 4; the first rated each of them three times. Table 1 of A. P.
 * Dawid and A. M. Skene, Applied Statistics 28(1), 1979. One word per patient: observer 1's three answers, then one each.
 */
const patients = `
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
`;

export function anaesthetists(): AnnotationIndex {
  const index = new AnnotationIndex(45, 5, 4);
  const observers = [0, 0, 0, 1, 2, 3, 4];
  patients
    .trim()
    .split(/\s+/)
    .forEach((answers, patient) => {
      observers.forEach((observer, x) => index.append(patient, observer, Number(answers[x]) - 1));
    });
  return index;
}
