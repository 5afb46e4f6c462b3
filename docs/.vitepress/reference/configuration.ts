import { errorCodes, kinds, presetGroups, sectionOf, type AnyComponent, type Kind, type Registry } from '@quorate/core';
import { configSchema, findPlugins, type JsonSchema } from '@quorate/host';
import { stringify } from 'yaml';
import { prepareRequest } from '../../../packages/cli/src/prepare-request.js';
import { injectedBy, optionsOf } from '../../../packages/cli/src/terminal/catalogue.js';
import { optionRows, type OptionSchema } from '../../../packages/cli/src/terminal/option-rows.js';
import { code, prose, table, type Page } from './markdown.js';

/** The configuration, every component with its options, the presets and the errors, out of the plugins that are built in. */
export async function configurationPages(): Promise<Page[]> {
  const { registry, failures } = await findPlugins(prepareRequest({ words: [], config: undefined }));
  if (failures.length > 0) throw failures[0]!.error;
  const schema = configSchema(registry);
  const used = kinds.filter((kind) => registry.components(kind).length > 0);
  return [
    ['reference/configuration.md', configuration(schema, used)],
    ['reference/presets.md', presets(registry)],
    ['reference/errors.md', errors()],
    ['reference/parts/index.md', partIndex(registry, used)],
    ...used.map((kind): Page => [`reference/parts/${fileOf(kind)}.md`, parts(kind, registry, schema)]),
  ];
}

/** `workerSimulator` → `worker-simulator`, the name of the contract's page too. */
const fileOf = (kind: Kind): string => kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const wordsOf = (kind: Kind): string => fileOf(kind).replaceAll('-', ' ');
const titleOf = (kind: Kind): string => wordsOf(kind).replace(/^./, (letter) => letter.toUpperCase());
const folderOf = (plugin: string): string => plugin.replace('@quorate/plugin-', '');

function options(rows: ReturnType<typeof optionRows>): string {
  return table(
    ['option', 'type', 'default', 'what it is'],
    rows.map(({ name, type, default: fallback, description }) => [
      code(name),
      prose(type.replaceAll('>=', '≥').replaceAll('<=', '≤')),
      fallback === 'required' ? 'required' : code(fallback),
      prose(description),
    ]),
  );
}

function configuration(schema: JsonSchema, used: readonly Kind[]): string {
  const properties = schema['properties'] as Record<string, OptionSchema>;
  const sections = new Set<string>(used.map((kind) => sectionOf[kind]));
  const isGroup = (name: string): boolean => presetGroups.some((group) => group === name);
  const keys = Object.entries(properties).filter(
    ([name]) => name !== '$schema' && !sections.has(name) && !isGroup(name),
  );
  const allSections = new Set<string>(kinds.map((kind) => sectionOf[kind]));
  const own = Object.fromEntries(keys.filter(([name]) => !allSections.has(name)));
  return [
    '# Configuration',
    '',
    'A run is described by the keys below, by the [presets](./presets.md) that it names, and by a section for each of its',
    '[parts](./parts/index.md). Later layers win: defaults of the parts, presets (experiment, method, simulation), `extends`, the',
    'configuration file, `QUORATE_...` variables, the command line.',
    '',
    '`quorate.config.{ts,mts,js,mjs,cjs,json,yaml,yml}`, `.quoraterc*` or the key `quorate` of a `package.json` is found from',
    'the current folder upwards. On the command line `a.b=c` sets any key; as a variable the same key is `QUORATE_A__B`.',
    '[`quorate config show`](./commands/config-show) prints what a run would use, and where each value comes from.',
    '',
    '## Keys of the run',
    '',
    options(optionRows({ properties: own })),
    '',
    '## Presets',
    '',
    table(
      ['key', ''],
      presetGroups.map((group) => [code(group), `a [preset](./presets#${group}) of this group, or null`]),
    ),
    '',
    '## Sections',
    '',
    'Each has `use`, the name of a component, and the options of that component.',
    '',
    table(
      ['section', 'what it is'],
      used.map((kind) => [code(sectionOf[kind]), `the [${wordsOf(kind)}](./parts/${fileOf(kind)})`]),
    ),
    '',
  ].join('\n');
}

function presets(registry: Registry): string {
  const lines = presetGroups.flatMap((group) => [
    `## ${group}`,
    '',
    ...registry
      .presets(group)
      .flatMap(({ plugin, value: { name, summary, config } }) => [
        `### ${name} {#${group}-${name}}`,
        '',
        `${sentence(summary)} From [\`${folderOf(plugin)}\`](../plugins/${folderOf(plugin)}/README.md).`,
        '',
        `Choose it with \`${group}=${name}\`. It sets`,
        '',
        '```yaml',
        stringify(shortened(config)).trimEnd(),
        '```',
        '',
      ]),
  ]);
  return [
    '---',
    'outline: [2, 3]',
    '---',
    '',
    '# Presets',
    '',
    'A preset is a part of a configuration under one name.',
    '',
    ...lines,
  ].join('\n');
}

/** A hundred class names say nothing to a reader. */
function shortened(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { classes, ...rest } = config;
  if (!Array.isArray(classes) || classes.length <= 5) return config;
  return { classes: [...(classes.slice(0, 3) as unknown[]), `... ${classes.length} in all`], ...rest };
}

function partIndex(registry: Registry, used: readonly Kind[]): string {
  const rows = used.map((kind) => [
    `[${titleOf(kind)}](./${fileOf(kind)})`,
    code(sectionOf[kind]),
    registry
      .components(kind)
      .map(({ value: { name } }) => `[\`${name}\`](./${fileOf(kind)}#${anchor(name)})`)
      .join(', '),
  ]);
  return [
    '# Parts',
    '',
    'Everything that a run is made of, by kind. A component is chosen with `section.use=name`; its options stand beside `use`.',
    'Those of plugins that you install come on top: `quorate plugins` lists what is there.',
    '',
    table(['kind', 'section', 'components'], rows),
    '',
  ].join('\n');
}

const anchor = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

function parts(kind: Kind, registry: Registry, schema: JsonSchema): string {
  const all = registry.components(kind);
  return [
    `# ${titleOf(kind)}`,
    '',
    `What a ${wordsOf(kind)} receives and must return is in its [contract](../../contracts/${fileOf(kind)}).`,
    '',
    ...all.flatMap(({ plugin, value }) => component(kind, plugin, value, schema)),
  ].join('\n');
}

function component(kind: Kind, plugin: string, value: AnyComponent, schema: JsonSchema): string[] {
  const rows = optionsOf(value, schema);
  const section = sectionOf[kind];
  const choose = kind === 'metric' ? `'${section}=[{"use":"${value.name}"}]'` : `${section}.use=${value.name}`;
  const injected = injectedBy(value);
  return [
    `## ${value.name} {#${anchor(value.name)}}`,
    '',
    sentence(value.summary),
    '',
    `Choose it with \`${choose}\`. From [\`${folderOf(plugin)}\`](../../plugins/${folderOf(plugin)}/README.md)${injected.length === 0 ? '' : `; injects ${injected.map(code).join(', ')}`}.`,
    '',
    ...(rows.length === 0 ? ['No options.', ''] : [options(rows), '']),
  ];
}

function errors(): string {
  const rows = Object.entries(errorCodes).map(([name, { exit, meaning }]) => [
    code(name),
    String(exit),
    prose(meaning),
  ]);
  return [
    '# Errors',
    '',
    'Every mistake that a person can correct is one line: where, what was expected, what came, what to do. With `--json` it is one',
    'JSON object with these keys and the code.',
    '',
    table(['code', 'exit', 'meaning'], rows),
    '',
  ].join('\n');
}

/** A summary as a sentence. */
function sentence(summary: string): string {
  const text = prose(summary);
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
