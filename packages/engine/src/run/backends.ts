import { QuorateError, sectionOf, type Composition, type LearnerBackend } from '@quorate/core';
import type { OpenRunRequest } from './records.js';
import type { RunFile } from './records.js';

const SECTION = sectionOf.learnerBackend;

/** True where all that `wanted` changes is that it names a learner backend, which was left to `auto` before. */
export function namesBackend(
  before: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): boolean {
  const useOf = (config: Readonly<Record<string, unknown>>): unknown =>
    (config[SECTION] as { use?: unknown } | undefined)?.use;
  return useOf(before) === 'auto' && typeof useOf(wanted) === 'string' && useOf(wanted) !== 'auto';
}

/**
 * The backends that computed the run, this process's last. Two backends agree up to float32 rounding and no further, so a run
 * continues with another one only where the user names it; throws RUN_FOLDER where `auto` would change it.
 */
export function backendsOf(
  { folder, prepared, onNote }: OpenRunRequest,
  composition: Composition,
  earlier: RunFile | undefined,
): readonly string[] {
  const before = earlier?.backends ?? [];
  const use = prepared.config.choices.learnerBackend?.[0]?.use;
  const built = composition.parts().find(([key]) => key === `${SECTION}/${use}`)?.[1] as LearnerBackend | undefined;
  const last = before.at(-1);
  if (!built || built.name === last) return before;
  if (last === undefined) return [built.name];
  if (use === 'auto') {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: `the learner backend that the run was computed with (${last})`,
      got: `${built.name}, which auto chose here`,
      fix: `Repeat the command with ${SECTION}.use=${last} if it starts here, or with ${SECTION}.use=${built.name} to continue with other rounding.`,
    });
  }
  onNote?.(
    `The run continues with the learner backend ${built.name}; until now it was ${last}. It will not end in the same bytes.`,
  );
  return [...before, built.name];
}
