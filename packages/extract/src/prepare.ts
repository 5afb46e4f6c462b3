import { QuorateError, sectionOf, type FeatureSubject, type PartChoice } from '@quorate/core';
import { nameIn, type Layer } from '@quorate/host';
import { findAll } from '@quorate/host';
import { problemsError } from '@quorate/host';
import { chooseSection } from '@quorate/host';
import { isTree } from '@quorate/host';
import type { Found, PrepareRequest } from '@quorate/host';

const section = sectionOf.featureExtractor;

export interface PreparedFeatures extends Found {
  /** The extractor and its options. */
  readonly choice: PartChoice;
}

/**
 * Chooses the extractor: the one that is named, else for a model that is given the one that takes such subjects, else
 * gradient histograms for images. Of the configuration only the section `features` is read.
 *
 * @param extractor Its name, above everything that the configuration says. Throws what `prepare` throws.
 */
export async function prepareFeatures(
  request: PrepareRequest,
  kind: FeatureSubject['kind'],
  extractor: string | null,
): Promise<PreparedFeatures> {
  const { found, unavailable, gathered } = await findAll(request);
  const problems = [...gathered.problems];
  for (const key of request.overrides.map((word) => word.split(/[.=]/, 1)[0]!).filter((word) => word !== section)) {
    problems.push({
      where: 'command line',
      expected: `words of the form ${section}.option=value`,
      got: `"${key}"`,
      fix: `"quorate plugins ${section}" lists the options.`,
    });
  }
  const layers = [...gathered.layers];
  if (extractor !== null) layers.push(layerThatUses('--extractor', false, extractor));
  else if (nameIn(layers, [section, 'use']) === undefined) {
    layers.unshift(layerThatUses('defaults', true, usual(kind, hasModel(layers))));
  }
  const choice = chooseSection('featureExtractor', { registry: found.registry, layers, unavailable, problems });
  if (problems.length > 0 || choice === null) throw problemsError('CONFIG_INVALID', 'the configuration', problems);
  return { ...found, choice };
}

const layerThatUses = (origin: string, preset: boolean, use: string): Layer => {
  return { origin, preset, tree: { [section]: { use } } };
};

function hasModel(layers: readonly Layer[]): boolean {
  return layers.some(({ tree }) => isTree(tree[section]) && Object.hasOwn(tree[section], 'model'));
}

function usual(kind: FeatureSubject['kind'], model: boolean): string {
  if (model) return kind === 'image' ? 'onnx_image' : 'onnx_text';
  if (kind === 'image') return 'gradient_histogram';
  throw new QuorateError('CONFIG_INVALID', {
    where: `${section}.model`,
    expected: 'a model that encodes texts',
    got: 'none',
    fix: `Set ${section}.model=PATH to an ONNX text encoder with its tokenizer.json beside it.`,
  });
}
