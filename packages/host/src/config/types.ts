import type { Choices, ClassLabel, PartChoice, Plugin, PresetGroup, Registry } from '@quorate/core';
import type { Prices } from './run-options.js';
import type { LoadedPlugin, PluginFailure } from '../plugins/load.js';
import type { PluginRef } from '../plugins/ref.js';
import type { Layer } from './layer.js';
import type { Problem } from './problems.js';

/** A model that answers beside people. */
export interface ModelChoice extends PartChoice {
  /** Of one answer, >= 0. */
  readonly price: number;
  /** Models of one family are one voice; null: it is one by itself. */
  readonly family: string | null;
}

/** The configuration of a run, parsed once. */
export interface RunConfig {
  readonly name: string | null;
  readonly seed: number;
  /** An item with risk <= riskThreshold is done. 0 < riskThreshold < 1. */
  readonly riskThreshold: number;
  /** Most annotations of the run, or null. */
  readonly budget: number | null;
  /** The most that answers and audits may cost, or null. */
  readonly money: number | null;
  /** Null where nobody counts. */
  readonly prices: Prices | null;
  /** Models that answer beside people. */
  readonly models: readonly ModelChoice[];
  readonly earlyStop: boolean;
  /** What the run folder keeps beside the results; null for nothing. */
  readonly keep: readonly ('beliefs' | 'confusions')[] | null;
  /** The presets' values for the experiment are among the choices. */
  readonly tuned: boolean;
  readonly classes: readonly ClassLabel[] | null;
  readonly experiment: string | null;
  readonly method: string | null;
  readonly simulation: string | null;
  readonly choices: Choices;
  /** Everything above as JSON, defaults filled in, keys sorted: what `run.json` stores and what is hashed. */
  readonly resolved: Readonly<Record<string, unknown>>;
}

export interface PrepareRequest {
  /** Absolute. */
  readonly cwd: string;
  /** The configuration file, against `cwd`; without it QUORATE_CONFIG, else the one that a search upwards finds. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `key=value` words. */
  readonly overrides: readonly string[];
  readonly builtins: readonly PluginRef[];
  /** Plugins that are loaded already. */
  readonly modules?: readonly Plugin[];
  /** A configuration in place of a file, for programs. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * The complete configuration of a run to resume, used instead of a file and of presets: its `file` for messages, and
   * the folder that its paths are relative to (default: `cwd`).
   */
  readonly base?: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly file: string;
    readonly baseDir?: string;
  };
  /** False: neither search for a file nor read one. */
  readonly useFile?: boolean;
}

export interface Found {
  readonly registry: Registry;
  readonly plugins: readonly LoadedPlugin[];
  readonly failures: readonly PluginFailure[];
  /** What the paths of the configuration are relative to: the folder of its file, else the working directory. */
  readonly baseDir: string;
  readonly file: string | null;
}

export interface Prepared extends Found {
  readonly config: RunConfig;
  /** Where the configuration came from, lowest first. */
  readonly layers: readonly string[];
  /** What the user should know of how it was read. */
  readonly notes: readonly string[];
}

/** The preset that was chosen in each group. */
export type PresetNames = Readonly<Record<PresetGroup, string | null>>;
export interface ResolveRequest {
  readonly registry: Registry;
  /** What the user wrote, lowest first. */
  readonly layers: readonly Layer[];
  /** True when a layer is the complete configuration of an earlier run: no presets and no defaults below it. */
  readonly complete: boolean;
  /** Plugins that the configuration names, as `run.json` keeps them. */
  readonly plugins: readonly string[];
  /** `sampler/random`, `preset/method/lean` → why the plugin that provides it is not here. One sentence. */
  readonly unavailable: ReadonlyMap<string, string>;
  readonly problems: Problem[];
}
