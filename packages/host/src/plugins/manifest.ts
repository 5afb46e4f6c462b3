import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTree, type Tree } from '../tree.js';
import type { PluginRef } from './ref.js';

/** The `quorate` field in the package.json of a plugin: read before the plugin is imported. */
export interface Manifest {
  /** Semver range of the core API. */
  readonly apiVersion: string;
  /** `sampler/random`, `preset/method/lean`: what it brings, so that a provider can be named without loading it. */
  readonly provides?: readonly string[];
}

/** Tells the manifest of a plugin from a configuration: both live in the field `quorate` of a package.json. */
export function isManifest(field: unknown): field is Manifest {
  return isTree(field) && Object.hasOwn(field, 'apiVersion');
}

export interface PackageInfo {
  readonly folder: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly manifest: Manifest | null;
}

/** The package that a file belongs to, or null. */
export function packageOf(file: string): PackageInfo | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const json = readPackage(folder);
    // A package.json without a name only sets the module type of a folder such as dist/cjs.
    if (json && typeof json['name'] === 'string') {
      const { name, version, quorate } = json as Record<string, unknown>;
      return {
        folder,
        name: String(name),
        version: typeof version === 'string' ? version : null,
        manifest: isManifest(quorate) ? quorate : null,
      };
    }
    if (dirname(folder) === folder) return null;
  }
}

/** The plugins among the dependencies of the project that `start` is in: its nearest package.json upwards. */
export function dependencyPlugins(start: string): readonly PluginRef[] {
  for (let folder = start; ; folder = dirname(folder)) {
    const project = readPackage(folder);
    if (project) {
      const from = join(folder, 'package.json');
      const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) =>
        isTree(project[key]) ? Object.keys(project[key]) : [],
      );
      return [...new Set(names)]
        .filter((name) => isManifest(installed(name, from)?.['quorate']))
        .map((spec) => ({ spec, from, origin: 'dependency' }));
    }
    if (dirname(folder) === folder) return [];
  }
}

/** The package.json of an installed package, as seen from a file. */
function installed(name: string, from: string): Tree | null {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const json = readPackage(join(folder, 'node_modules', name));
    if (json) return json;
    if (dirname(folder) === folder) break;
  }
  try {
    // Yarn's plug'n'play has no node_modules folders.
    return readPackage(dirname(createRequire(pathToFileURL(from)).resolve(`${name}/package.json`)));
  } catch {
    return null;
  }
}

function readPackage(folder: string): Tree | null {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return null;
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isTree(json) ? json : null;
  } catch {
    return null;
  }
}
