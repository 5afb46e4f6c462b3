import { sectionOf, type AnyComponent, type Preset } from '@quorate/core';
import type { JsonSchema, LoadedPlugin } from '@quorate/host';
import { columns, size, wrap } from './format.js';
import { optionRows, type OptionSchema } from './option-rows.js';

const originText = {
  builtin: 'built in',
  config: 'named by the configuration',
  dependency: 'dependency of this project',
} as const;

/** `@quorate/plugin-standard 0.1.0 (built in)` */
export function pluginTitle({ plugin, version, origin }: LoadedPlugin): string {
  return `${plugin.name}${version === null ? '' : ` ${version}`} (${originText[origin]})`;
}

/** Everything that a plugin brings, one line each. */
export function pluginLines(loaded: LoadedPlugin): string[] {
  const { components = [], presets = [], data = [], executors = [], sinks = [] } = loaded.plugin;
  const rows = [
    ...components.map(({ kind, name, summary }) => [kind, name, summary] as const),
    ...presets.map(({ group, name, summary }) => [`preset of ${group}`, name, summary] as const),
    ...data.map(({ name, summary }) => ['data', name, summary] as const),
    ...executors.map(({ name, summary }) => ['executor', name, summary] as const),
    ...sinks.map(({ name, summary }) => ['tracker', name, summary] as const),
  ];
  const headings = [...new Set(rows.map(([heading]) => heading))];
  const lines = headings.flatMap((heading) => {
    const below = rows.filter((row) => row[0] === heading).map(([, name, summary]) => [name, summary]);
    return [`  ${heading}`, ...columns(below, 80, 4)];
  });
  return [pluginTitle(loaded), ...lines];
}

/** A component with its options. `schema` is the configuration's, of `configSchema`. */
export function componentLines(component: AnyComponent, plugin: string, schema: JsonSchema): string[] {
  const { kind, name, summary } = component;
  const options = optionsOf(component, schema);
  const choose = kind === 'metric' ? `${sectionOf[kind]}=[{"use":"${name}"}]` : `${sectionOf[kind]}.use=${name}`;
  return [
    `${kind} ${name}, of ${plugin}`,
    ...wrap(summary, 78).map((line) => `  ${line}`),
    `  choose it with ${choose}`,
    ...(component.inject.length === 0
      ? []
      : wrap(`injects ${injectedBy(component).join(', ')}`, 78).map((line) => `  ${line}`)),
    ...(options.length === 0 ? ['  no options'] : ['  options of the section:']),
    ...options.flatMap((option) => {
      const fallback =
        option.default === '' || option.default === 'required' ? option.default : `default ${option.default}`;
      return [
        `    ${option.name}${fallback === '' ? '' : `  (${fallback})`}`,
        ...wrap(`${option.type}${option.description === '' ? '' : `: ${option.description}`}`, 72).map(
          (line) => `        ${line}`,
        ),
      ];
    }),
  ];
}

/** Names of the tokens that a component asks for: parts of the same run, the data set, a stream. */
export function injectedBy({ inject }: AnyComponent): string[] {
  return inject.map((id) => (Symbol.keyFor(id) ?? id.description ?? '?').replace('@quorate/core/', ''));
}

/** The options of a component: name, type, default and description. */
export function optionsOf(component: AnyComponent, schema: JsonSchema): ReturnType<typeof optionRows> {
  const { kind, name } = component;
  const sections = schema['properties'] as Readonly<Record<string, SectionSchema>>;
  const section = sections[sectionOf[kind]];
  const branches = (kind === 'metric' ? section?.items?.allOf : section?.allOf) ?? [];
  const found = branches.find((branch) => branch.if.properties.use.const === name)?.then.properties ?? {};
  const { use: _use, ...properties } = found;
  return optionRows({ properties, required: requiredOf(component) });
}

interface SectionSchema {
  readonly allOf?: readonly {
    readonly if: { readonly properties: { readonly use: { readonly const: string } } };
    readonly then: { readonly properties?: Readonly<Record<string, OptionSchema>> };
  }[];
  readonly items?: { readonly allOf?: SectionSchema['allOf'] };
}

/** The configuration's schema requires nothing, since presets may supply it; the component's own parse tells. */
function requiredOf({ options }: AnyComponent): string[] {
  const parsed = options.safeParse({});
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0] ?? ''));
}

/** @param forOthers Options of components that the preset does not choose. */
export function presetLines(
  { group, name, summary }: Preset,
  plugin: string,
  yaml: string,
  forOthers?: string,
): string[] {
  const block = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`);
  return [
    `preset ${name}, of ${plugin}`,
    ...wrap(summary, 78).map((line) => `  ${line}`),
    `  choose it with ${group}=${name}`,
    '  it sets',
    ...block(yaml),
    ...(forOthers === undefined ? [] : ['  and, where these components are chosen', ...block(forOthers)]),
  ];
}

/** Bytes of all files of a data set. */
export function totalSize(files: readonly { readonly bytes: number }[]): string {
  return size(files.reduce((sum, { bytes }) => sum + bytes, 0));
}
