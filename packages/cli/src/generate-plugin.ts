import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { API_VERSION, sectionOf, type Kind } from '@quorate/core';

/** What can be generated: the word on the command line, which is also the name of the file, and the contract. */
export const templates = {
  sampler: 'sampler',
  learner: 'learner',
  aggregator: 'aggregator',
  optimizer: 'optimizer',
  'worker-simulator': 'workerSimulator',
  'worker-model': 'workerModel',
  'stopping-rule': 'stoppingRule',
  'dataset-source': 'datasetSource',
  metric: 'metric',
  calibrator: 'calibrator',
  'training-set-selector': 'trainingSetSelector',
  'learner-backend': 'learnerBackend',
  calibration: 'calibration',
  'answer-format': 'answerFormat',
  'feature-extractor': 'featureExtractor',
} as const satisfies Record<string, Kind>;
export type Template = keyof typeof templates;

export const licenses = ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'UNLICENSED'] as const;

export interface PluginChoices {
  /** Name of the package. */
  readonly name: string;
  readonly template: Template;
  readonly language: 'typescript' | 'javascript';
  readonly license: (typeof licenses)[number];
  readonly author: string;
  readonly year: number;
  /** Absolute path of the new package. */
  readonly folder: string;
  /** Where its sources are, as npm writes it: `git+https://github.com/me/it.git`. */
  readonly repository?: string | undefined;
}

/** The Node versions that Quorate supports. */
const NODE_RANGE = '>=20.19.0';

const templateFolder = join(dirname(fileURLToPath(import.meta.url)), '..', 'templates', 'plugin');
const template = (...path: string[]): string => readFileSync(join(templateFolder, ...path), 'utf8');

/** `@me/quorate-plugin-fast-one` → `fast_one`: the word in `sampler.use=fast_one`. */
export function componentName(packageName: string): string {
  const bare = packageName.replace(/^@[^/]+\//, '').replace(/^quorate-(plugin-)?/, '');
  return (bare === '' ? packageName : bare).replace(/[^A-Za-z0-9]+/g, '_').toLowerCase();
}

/** How a configuration on the command line chooses the new component. */
export function chooseIt({ name, template: kind }: Pick<PluginChoices, 'name' | 'template'>): string {
  const section = sectionOf[templates[kind]];
  const use = componentName(name);
  return kind === 'metric' ? `'${section}=[{"use":"${use}"}]'` : `${section}.use=${use}`;
}

/** The files of a new plugin package, by path relative to its folder. */
export async function pluginFiles(choices: PluginChoices): Promise<ReadonlyMap<string, string>> {
  const { name, template: kind, language, license } = choices;
  const extension = language === 'typescript' ? 'ts' : 'js';
  const plain = language === 'typescript' ? (source: string) => source : await stripTypes();
  const named = (source: string): string => plain(source.replaceAll('my_part', componentName(name)));
  const files = new Map([
    ['package.json', `${JSON.stringify(manifest(choices), null, 2)}\n`],
    ['README.md', readme(choices)],
    [`src/index.${extension}`, entry(choices)],
    [`src/${kind}.${extension}`, named(template('kinds', `${kind}.ts`))],
    [`src/${kind}.test.${extension}`, named(template('kinds', `${kind}.laws.ts`))],
    ['.github/workflows/test.yml', template('package', 'ci.yml')],
    ['.gitignore', 'node_modules/\ndist/\nruns/\n'],
  ]);
  if (language === 'typescript') files.set('tsconfig.json', template('package', 'tsconfig.json'));
  if (license !== 'UNLICENSED') files.set('LICENSE', licenseText(choices));
  // The local copies of a checkout are packed and installed as the published packages would be, not linked.
  if (checkout() !== null) files.set('.npmrc', 'install-links=true\n');
  return files;
}

function manifest({ name, template: kind, language, license, author, folder, repository }: PluginChoices): object {
  const typescript = language === 'typescript';
  const built = typescript ? './dist/index.js' : './src/index.js';
  const own = (short: string): string => {
    const root = checkout();
    return root === null
      ? `^${version()}`
      : `file:${relative(folder, join(root, 'packages', short))
          .split(sep)
          .join('/')}`;
  };
  return {
    name,
    version: '0.1.0',
    description: `A ${kind.replace('-', ' ')} for Quorate`,
    license,
    author,
    ...(repository === undefined ? {} : { repository: { type: 'git', url: repository } }),
    keywords: ['quorate-plugin'],
    type: 'module',
    engines: { node: NODE_RANGE },
    exports: {
      '.': typescript ? { types: './dist/index.d.ts', default: built } : built,
      './package.json': './package.json',
    },
    files: typescript ? ['dist', '!dist/**/*.test.*'] : ['src', '!src/**/*.test.*'],
    publishConfig: { access: 'public' },
    quorate: { apiVersion: `^${API_VERSION}`, provides: [`${templates[kind]}/${componentName(name)}`] },
    scripts: typescript
      ? { build: 'tsc', prepare: 'tsc', test: 'tsc --noEmit -p tsconfig.json && vitest run' }
      : { test: 'vitest run' },
    dependencies: { zod: '^4.6.7' },
    peerDependencies: { '@quorate/core': `^${API_VERSION}` },
    devDependencies: {
      '@quorate/core': own('core'),
      '@quorate/testkit': own('testkit'),
      ...(typescript ? { '@types/node': '^20.19.43', typescript: '~6.0.3' } : {}),
      vitest: '^4.1.12',
    },
  };
}

function entry({ name, template: kind }: PluginChoices): string {
  return `import { definePlugin } from '@quorate/core';
import component from './${kind}.js';

export default definePlugin({ name: '${name}', apiVersion: '^${API_VERSION}', components: [component] });
`;
}

function readme({ name, template: kind, language, license }: PluginChoices): string {
  const file = `src/${kind}.${language === 'typescript' ? 'ts' : 'js'}`;
  return `# ${name}

A ${kind.replace('-', ' ')} for [Quorate](https://www.npmjs.com/package/quorate), \`${componentName(name)}\`.

## Use it

In a project that has \`quorate\`, install this package; its components are then there by name:

    npm install ${name}
    npx quorate plugins ${componentName(name)}
    npx quorate run ${chooseIt({ name, template: kind })}

## Work on it

The rule is in \`${file}\`, with what it receives and what must hold. \`npm install && npm test\` checks it against every
law of its contract; a red test names the law and shows the smallest case that breaks it.
${license === 'UNLICENSED' ? '' : `\nLicence: ${license}.\n`}`;
}

function licenseText({ license, author, year }: PluginChoices): string {
  return template('licenses', `${license}.txt`)
    .replace(/<year>|\[yyyy\]/, String(year))
    .replace(/<copyright holders>|<owner>|\[name of copyright owner\]/, author);
}

/** A function that takes the types out of TypeScript and leaves the rest as it stands. */
async function stripTypes(): Promise<(source: string) => string> {
  const { transform } = await import('sucrase');
  return (source) => {
    const options = { transforms: ['typescript' as const], disableESTransforms: true, keepUnusedImports: true };
    const { code } = transform(source, options);
    return code
      .replace(/import \{\s*\} from [^\n]+\n/g, '')
      .replace(/,(\s*)\} from/g, (_all, space: string) => (space.includes('\n') ? `,\n} from` : ' } from'))
      .replace(/\n[ ]*\n(?=[^\n]*\} from)/g, '\n')
      .replace(/ +\n/g, '\n');
  };
}

function version(): string {
  return (JSON.parse(readFileSync(join(coreFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** The root of the repository that this program runs from; null where it is installed. */
function checkout(): string | null {
  const root = dirname(dirname(coreFolder()));
  const installed = coreFolder().split(sep).includes('node_modules');
  return !installed && existsSync(join(root, 'lerna.json')) ? root : null;
}

function coreFolder(): string {
  return realpathSync(dirname(createRequire(import.meta.url).resolve('@quorate/core/package.json')));
}
