import type { Plugin } from '@quorate/core';
import { describeLaws } from './law.js';

export interface PluginSamples {
  /** Valid options, by `<kind>/<name>`, of components whose options have no defaults. */
  readonly samples?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Runs the laws of a plugin's declaration. */
export function describePlugin(plugin: Plugin, options: PluginSamples = {}): void {
  describeLaws(`${plugin.name} is a plugin`, [], { plugin, options });
}
