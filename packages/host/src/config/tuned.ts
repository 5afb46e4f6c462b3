import { presetGroups } from '@quorate/core';
import { layerOf, originOf, type Layer } from './layer.js';
import type { ResolveRequest } from './types.js';
import type { PresetNames } from './types.js';

/**
 * With `tuned: true`, what the chosen presets have for the chosen experiment, as layers. It is a problem when none of
 * them has anything for it: a run that says that it is tuned must be.
 *
 * @param layers Presets and what the user wrote, lowest first.
 */
export function tunedLayers(
  names: PresetNames,
  layers: readonly Layer[],
  { registry, complete, problems }: ResolveRequest,
): readonly Layer[] {
  const asked = layers.findLast(({ tree }) => Object.hasOwn(tree, 'tuned'))?.tree['tuned'];
  // The configuration of an earlier run holds the tuned values themselves.
  if (asked !== true || complete) return [];
  const found: Layer[] = [];
  const known = new Map<string, readonly string[]>();
  for (const group of presetGroups) {
    const name = names[group];
    const preset = name === null ? undefined : registry.preset(group, name);
    const { tuned } = preset?.value ?? {};
    if (!preset || !tuned) continue;
    known.set(`${group} ${name}`, Object.keys(tuned));
    const { experiment } = names;
    if (experiment === null || !Object.hasOwn(tuned, experiment)) continue;
    const origin = `preset ${group}/${name} of ${preset.plugin}, tuned for ${experiment}`;
    found.push(layerOf(origin, true, tuned[experiment], problems));
  }
  if (found.length === 0) {
    const lists = [...known].map(([preset, experiments]) => `${preset}: ${experiments.join(', ')}`);
    const others = registry.presets('method').flatMap(({ value }) => (value.tuned ? [value.name] : []));
    problems.push({
      where: `${originOf(layers, ['tuned'])}: tuned`,
      expected:
        lists.length > 0
          ? `an experiment with tuned values (${lists.join('; ')})`
          : `a method with tuned values (${others.join(', ') || 'none is installed'})`,
      got: lists.length > 0 ? `experiment=${names.experiment}` : `method=${names.method}`,
      fix: 'Leave tuned out, or choose one of these.',
    });
  }
  return found;
}
