#!/usr/bin/env node
// Builds the native addon of @tensorflow/tfjs-node (or -node-gpu) from source, against the TensorFlow inside a Python wheel.
//
// The package's own install script downloads TensorFlow 2.9 and a built addon from a storage bucket. Behind a firewall, or for a
// newer TensorFlow, this builds the same addon with what the package registries hold: the package (npm), TensorFlow (a wheel) and
// a compiler. The wheel holds the C API's headers and libraries; the addon speaks Node-API, so one build serves every Node.js.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const VERSION = '4.22.0';
const usage = `Usage: tfjs-native [--into DIR] [--gpu] [--tensorflow VERSION] [--wheel FILE] [--force]

Builds @tensorflow/tfjs-node ${VERSION} against the TensorFlow inside a Python wheel, on Linux and macOS.

  --into DIR            the project whose node_modules gets the package (default: this folder)
  --gpu                 builds @tensorflow/tfjs-node-gpu, against the wheel "tensorflow" instead of "tensorflow-cpu"
  --tensorflow VERSION  which TensorFlow (default: the newest that pip finds)
  --wheel FILE          a wheel that lies on disk; nothing is downloaded by pip
  --force               builds again where the addon loads already

Needs python3 with pip, a C++ compiler, make and about 2 GB of disk. PYTHON names another python3.`;

class Refusal extends Error {}

/** Runs a command; its output is shown only where it fails. */
function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.error?.code === 'ENOENT') throw new Refusal(`${command}: not found. Install it, or put it on the PATH.`);
  if (done.status !== 0) {
    const said = `${done.stdout ?? ''}\n${done.stderr ?? ''}`.trim().split('\n').slice(-25).join('\n');
    throw new Refusal(`${[command, ...args].join(' ')}\nended with ${done.status ?? done.signal}:\n${said}`);
  }
  return done.stdout;
}

/** What the package says when it is loaded in a process of its own: the version of TensorFlow, or why it does not load. */
function loaded(into, name) {
  const code = `const tf = require(${JSON.stringify(name)}); tf.ready().then(() => console.log(tf.backend().binding.TF_Version));`;
  const shim = `const u = require('util'); u.isNullOrUndefined ??= (x) => x == null; u.isArray ??= Array.isArray;`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const done = spawnSync(process.execPath, ['-e', shim + code], { cwd: into, encoding: 'utf8', env });
  return done.status === 0 ? { version: done.stdout.trim() } : { why: done.stderr.trim() };
}

/** The folder with Node's headers for node-gyp; without it node-gyp downloads them. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

/** Unpacks the C API's headers and both libraries, nothing else of the wheel's gigabyte. */
const UNPACK = `
import re, sys, zipfile
wanted = re.compile(r'tensorflow/(libtensorflow_(cc|framework)[^/]*|include/(tensorflow/(c|core/platform)|tsl|xla/tsl)/.*[.]h)$')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if wanted.match(name): wheel.extract(name, sys.argv[2])
`;

function fetchWheel(python, pip, folder) {
  console.log(`Downloading the wheel of ${pip}`);
  run(python, [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    pip,
  ]);
  const wheels = readdirSync(folder).filter((file) => file.endsWith('.whl'));
  if (wheels.length !== 1) throw new Refusal(`pip brought ${wheels.length} wheels of ${pip}; expected one.`);
  return join(folder, wheels[0]);
}

/** The names that the linker looks for; in a wheel the libraries carry their major version only. */
function linkLibraries(lib) {
  const suffix = process.platform === 'darwin' ? 'dylib' : 'so';
  const find = (stem) => readdirSync(lib).find((file) => file.startsWith(stem) && file.includes(suffix));
  for (const [from, to] of [
    [find('libtensorflow_cc'), 'libtensorflow'],
    [find('libtensorflow_framework'), 'libtensorflow_framework'],
  ]) {
    if (from === undefined)
      throw new Refusal(`The wheel holds no ${to}: expected one of tensorflow, tensorflow-cpu or tensorflow-macos.`);
    const name = process.platform === 'darwin' ? `${to}.2.dylib` : `${to}.so`;
    if (!existsSync(join(lib, name))) symlinkSync(from, join(lib, name));
  }
}

function main() {
  const { values } = parseArgs({
    options: {
      into: { type: 'string', default: '.' },
      gpu: { type: 'boolean', default: false },
      tensorflow: { type: 'string' },
      wheel: { type: 'string' },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (process.platform === 'win32')
    throw new Refusal('Windows is not supported: its wheels hold no library to link with.');
  const into = resolve(values.into);
  if (!existsSync(into))
    throw new Refusal(`${into}: no such folder. Make it with npm init, or name another with --into.`);
  if (values.wheel !== undefined && !existsSync(values.wheel)) throw new Refusal(`${values.wheel}: no such wheel.`);
  const name = values.gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const python = process.env.PYTHON ?? 'python3';

  const before = loaded(into, name);
  if (before.version !== undefined && !values.force) {
    return console.log(`${name} loads already, with TensorFlow ${before.version}. --force builds it again.`);
  }
  const at = join(into, 'node_modules', name);
  if (!existsSync(join(at, 'binding.gyp'))) {
    console.log(`Installing ${name}@${VERSION} without its install script`);
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${VERSION}`], { cwd: into });
  }
  const found = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).version;
  if (found !== VERSION) console.log(`Note: ${name} is ${found} here; this was tested with ${VERSION}.`);

  const folder = mkdtempSync(join(tmpdir(), 'tfjs-native-'));
  try {
    const pip =
      (values.gpu ? 'tensorflow' : 'tensorflow-cpu') +
      (values.tensorflow === undefined ? '' : `==${values.tensorflow}`);
    const wheel = values.wheel ?? fetchWheel(python, pip, folder);
    console.log('Unpacking headers and libraries');
    run(python, ['-c', UNPACK, resolve(wheel), folder]);
    const root = join(folder, 'tensorflow');
    if (!existsSync(join(root, 'include/tensorflow/c/c_api.h'))) {
      throw new Refusal(`${wheel}: no TensorFlow headers in it. Name a wheel of tensorflow or tensorflow-cpu.`);
    }
    const deps = join(at, 'deps');
    rmSync(deps, { recursive: true, force: true });
    mkdirSync(join(deps, 'lib'), { recursive: true });
    for (const file of readdirSync(root).filter((one) => one.startsWith('libtensorflow'))) {
      copyFileSync(join(root, file), join(deps, 'lib', file));
      rmSync(join(root, file));
    }
    linkLibraries(join(deps, 'lib'));
    // The headers are needed only to build.
    symlinkSync(join(root, 'include'), join(deps, 'include'));
    console.log('Compiling the addon');
    const napi = ['--module_name=tfjs_binding', '--module_path=./lib', '--napi_build_version=8'];
    run('npx', ['--yes', 'node-gyp@12', 'rebuild', ...napi, ...headers()], {
      cwd: at,
      env: { ...process.env, PYTHON: python },
    });
    rmSync(join(deps, 'include'));
    mkdirSync(join(at, 'lib/napi-v8'), { recursive: true });
    const temporary = join(at, 'lib/napi-v8/tfjs_binding.node.new');
    copyFileSync(join(at, 'build/Release/tfjs_binding.node'), temporary);
    renameSync(temporary, join(at, 'lib/napi-v8/tfjs_binding.node'));
    rmSync(join(at, 'build'), { recursive: true, force: true });
    // What the addon was built against, for whoever wonders later.
    writeFileSync(join(at, 'lib/napi-v8/tensorflow.txt'), `${wheel.split('/').at(-1)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const after = loaded(into, name);
  if (after.version === undefined) throw new Refusal(`The addon was built, but ${name} does not load:\n${after.why}`);
  console.log(`${name} loads, with TensorFlow ${after.version}.`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal) && error.code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
  console.error(error instanceof Refusal ? error.message : `${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
