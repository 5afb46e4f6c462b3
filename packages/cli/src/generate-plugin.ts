import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { API_VERSION, sectionOf, type Kind } from '@quorate/core';
import { classTemplate, withoutDecorators } from './class-template.js';

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
  /** How the part is written: made by a function, or an `@injectable()` class. */
  readonly style: 'function' | 'class';
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

/** The words of a command line that choose the new component. */
export function chooseIt({ name, template: kind }: Pick<PluginChoices, 'name' | 'template'>): string {
  const section = sectionOf[templates[kind]];
  const use = componentName(name);
  if (kind === 'answer-format') return `--to ${use}`;
  if (kind === 'feature-extractor') return `--extractor ${use}`;
  return kind === 'metric' ? `'${section}=[{"use":"${use}"}]'` : `${section}.use=${use}`;
}

/** A whole command that uses the new component. */
export function tryIt(choices: Pick<PluginChoices, 'name' | 'template'>): string {
  const command =
    choices.template === 'answer-format'
      ? 'convert answers.csv answers.out'
      : choices.template === 'feature-extractor'
        ? 'features texts.csv'
        : 'run';
  return `npx quorate ${command} ${chooseIt(choices)}`;
}

/** The files of a new plugin package, by path relative to its folder. */
export async function pluginFiles(choices: PluginChoices): Promise<ReadonlyMap<string, string>> {
  const { name, template: kind, language, style, license } = choices;
  const extension = language === 'typescript' ? 'ts' : 'js';
  const strip = language === 'typescript' ? null : await stripTypes();
  const plain = (source: string): string => (strip ? strip(withoutDecorators(source)) : source);
  const part = template('kinds', `${kind}.ts`);
  const named = (source: string): string => plain(source.replaceAll('my_part', componentName(name)));
  const files = new Map([
    ['package.json', `${JSON.stringify(manifest(choices), null, 2)}\n`],
    ['README.md', readme(choices)],
    [`src/index.${extension}`, entry(choices)],
    [
      `src/${kind}.${extension}`,
      named(style === 'class' ? classTemplate(part, template('classes', `${kind}.ts`)) : part),
    ],
    [`src/${kind}.test.${extension}`, named(template('kinds', `${kind}.laws.ts`))],
    ['.github/workflows/test.yml', template('package', 'ci.yml')],
    ['.gitignore', 'node_modules/\ndist/\nruns/\n'],
  ]);
  if (language === 'typescript') {
    for (const file of ['tsconfig.json', 'tsconfig.build.json']) files.set(file, template('package', file));
  }
  if (license !== 'UNLICENSED') files.set('LICENSE', licenseText(choices));
  // The local copies of a checkout are packed and installed as the published packages would be, not linked.
  if (checkout() !== null) files.set('.npmrc', 'install-links=true\n');
  return files;
}

function manifest({
  name,
  template: kind,
  language,
  style,
  license,
  author,
  folder,
  repository,
}: PluginChoices): object {
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
    description: `${described(kind)} for Quorate`,
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
      ? {
          build: 'tsc -p tsconfig.build.json',
          prepare: 'npm run build',
          typecheck: 'tsc',
          test: 'npm run typecheck && vitest run',
        }
      : { test: 'vitest run' },
    dependencies: { ...(style === 'class' ? { inversify: inversifyRange() } : {}), zod: '^4.6.7' },
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

${described(kind)} for [Quorate](https://www.npmjs.com/package/quorate), \`${componentName(name)}\`.

## Use it

In a project that has \`quorate\`, install this package; its components are then there by name:

    npm install ${name}
    npx quorate plugins ${componentName(name)}
    ${tryIt({ name, template: kind })}

## Work on it

The rule is in \`${file}\`, with what it receives and what must hold. \`npm install && npm test\` checks it against every
law of its contract; a red test names the law and shows the smallest case that breaks it.
${license === 'UNLICENSED' ? '' : `\nLicence: ${license}.\n`}`;
}

/** `answer-format` → `An answer format`. */
function described(kind: Template): string {
  return `${/^[aeiou]/.test(kind) ? 'An' : 'A'} ${kind.replaceAll('-', ' ')}`;
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
    const { code } = transform(source.replace(/(?:\/\*\*[^\n]*\*\/\n)?interface \w+ \{[^]*?\n\}\n\n/g, ''), options);
    return (
      code
        .replace(/import \{\s*\} from [^\n]+\n/g, '')
        .replace(/,(\s*)\} from/g, (_all, space: string) => (space.includes('\n') ? `,\n} from` : ' } from'))
        .replace(/\n[ ]*\n(?=[^\n]*\} from)/g, '\n')
        .replace(/^(class \w+) +\{/gm, '$1 {')
        // A field that the constructor sets: where its "readonly" was, a space is left.
        .replace(/^ {3}(?=#?\w+( = [^\n]+)?;$)/gm, '  ')
        .replace(/ +\n/g, '\n')
    );
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function coreManifest(): Manifest {
  return JSON.parse(readFileSync(join(coreFolder(), 'package.json'), 'utf8')) as Manifest;
}

function version(): string {
  return coreManifest().version;
}

/** The versions of inversify whose decorators core's container reads. */
function inversifyRange(): string {
  return coreManifest().dependencies['inversify']!;
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
