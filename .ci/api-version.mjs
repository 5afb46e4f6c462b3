// The core API has the version of @quorate/core, and a plugin's peer range is the range of the API that it speaks.
// lerna runs this as `npm run version`, after it has set the new versions and before it commits them.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { version } = read('packages/core/package.json');

replace('packages/core/src/composition/plugin.ts', /(API_VERSION = ')[^']+/, version);
const peers = [
  'packages/testkit',
  ...readdirSync('plugins', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `plugins/${name}`),
];
for (const folder of peers) {
  const manifest = read(`${folder}/package.json`);
  const range = manifest.peerDependencies['@quorate/core'];
  // A range that the new version is in stays: the plugin works with the older ones too.
  if (lineOf(range.slice(1)) === lineOf(version)) continue;
  replace(
    `${folder}/package.json`,
    /("@quorate\/core": ")\^[^"]+(?="[^}]*\},\s*"(peerDependenciesMeta|devDependencies))/,
    `^${version}`,
  );
}
// Plugins, the templates of `generate plugin`, and the plugins in tests and documents.
const sources = execFileSync('git', ['ls-files', '*.ts', '*.md', '*package.json'], { encoding: 'utf8' })
  .trim()
  .split('\n');
for (const file of sources) {
  const text = readFileSync(file, 'utf8');
  const moved = text.replace(/(apiVersion"?: ['"]\^)([^'"]+)/g, (all, before, range) =>
    lineOf(range) === lineOf(version) ? all : before + version,
  );
  if (moved !== text) writeFileSync(file, moved);
}
execFileSync('git', ['add', 'docs', 'examples', 'packages', 'plugins', 'test']);

/** What a caret range keeps fixed: 0.1 of 0.1.4, 2 of 2.3.0. */
function lineOf(text) {
  const [major, minor] = text.split('.');
  return major === '0' ? `0.${minor}` : major;
}

function replace(file, pattern, value) {
  const text = readFileSync(file, 'utf8');
  if (!pattern.test(text)) throw new Error(`${file}: nothing matches ${pattern}`);
  writeFileSync(
    file,
    text.replace(pattern, (_all, before) => before + value),
  );
}
