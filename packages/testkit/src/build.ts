import {
  Registry,
  T,
  compose,
  defineComponent,
  definePlugin,
  kinds,
  type AnyComponent,
  type Kind,
  type Part,
  type PartOf,
  type Token,
} from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { z } from 'zod';
import { referenceParts } from './reference/index.js';
import type { Make, PartSetup } from './setup.js';

export interface BuildOptions {
  /** Options as a user would write them; parsed by the component's schema. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Parts that the component injects, by kind; the testkit's reference parts where nothing is given. */
  readonly provide?: { readonly [K in Kind]?: Make<PartOf[K]> };
  /** Components that its options may name; the testkit's reference parts are there by the name `testkit`. */
  readonly components?: readonly AnyComponent[];
  /** Instead of the suite's: files of a temporary folder, a dataset, ... */
  readonly setup?: Partial<PartSetup>;
  /** Values of tokens of the plugin's own. */
  readonly values?: readonly (readonly [Token<unknown>, unknown])[];
}

/** The intersection of all contracts: what a component's kind is, its type does not say. */
type AnyPart = { [K in Kind]: (part: PartOf[K]) => void }[Kind] extends (part: infer P) => void ? P & object : never;

const composed = new WeakMap<object, readonly Part[]>();

/** The part and all parts that were built for it, in a fixed order: together they are what a checkpoint holds. */
export function partsOf(part: object): readonly Part[] {
  return composed.get(part) ?? [part];
}

/**
 * A factory that composes a component as a run does: options parsed, `inject` resolved, the part built by core's
 * container.
 *
 *     describeSampler('random', buildComponent(random, { options: { hitSize: 4 } }), { hitSize: 4 });
 */
export function buildComponent<P extends object = AnyPart>(component: AnyComponent, build: BuildOptions = {}): Make<P> {
  return async (given) => {
    const setup = { ...given, ...build.setup };
    const provided: object[] = [];
    const standIns: AnyComponent[] = [];
    for (const [kind, reference] of Object.entries(referenceParts) as [Kind, Make<Part>][]) {
      const make = (build.provide?.[kind] as Make<Part> | undefined) ?? reference;
      standIns.push(standIn(kind, make, setup, provided));
    }
    const plugin = definePlugin({
      name: 'testkit',
      apiVersion: '*',
      components: [component, ...(build.components ?? []), ...standIns],
    });
    const run = compose({
      registry: new Registry([plugin]),
      choices: {
        ...Object.fromEntries(kinds.map((kind) => [kind, [{ use: 'testkit', options: {} }]])),
        [component.kind]: [{ use: component.name, options: build.options ?? {} }],
      },
      rng: setup.rng,
    });
    run.provide(T.Dataset, setup.dataset);
    run.provide(T.WorkerKnowledge, setup.knowledge);
    run.provide(T.Files, setup.files);
    run.provide(TruthToken, setup.truth);
    for (const [id, value] of build.values ?? []) run.provide(id, value);
    const part = await run.get(component.kind, component.name);
    const others = run.parts().flatMap(([, one]) => (one === part || provided.includes(one) ? [] : [one]));
    composed.set(part, [part, ...others, ...provided.flatMap((one) => partsOf(one))]);
    return part as object as P;
  };
}

const nothing = z.strictObject({});

function standIn(kind: Kind, make: Make<Part>, setup: PartSetup, built: object[]): AnyComponent {
  return defineComponent({
    kind,
    name: 'testkit',
    summary: 'stands in for a part that the component under test injects',
    options: nothing,
    create: async () => {
      const part = await make(setup);
      built.push(part);
      return part as PartOf[Kind];
    },
  });
}
