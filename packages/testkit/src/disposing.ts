import { messageOf, type Part } from '@quorate/core';
import { must, type Law } from './law.js';

/** The law of `Part` that every suite has: what frees a part does not fail. */
export function disposes<Subject>(fresh: (subject: Subject) => Part | Promise<Part>): Law<Subject> {
  return {
    id: 'P2',
    text: 'dispose, where there is one, frees what it holds without a failure',
    check: async (subject) => {
      const part = await fresh(subject);
      try {
        await part.dispose?.();
      } catch (thrown) {
        must(false, `dispose failed: ${messageOf(thrown)}`);
      }
    },
  };
}
