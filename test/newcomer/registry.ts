import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Registry {
  readonly url: string;
  /** The lines of an `.npmrc` with which npm installs from it and publishes to it. */
  readonly npmrc: string;
  readonly log: () => string;
  readonly stop: () => void;
}

/** The registry that npm uses here. */
export function upstream(): string {
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' });
  return stdout.trim();
}

/** A registry of our own packages, and of plugins, on this machine; all other packages come from `upstream`. */
export async function startRegistry(folder: string, uplink: string): Promise<Registry> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const ours = { access: '$all', publish: '$all' };
  const config = {
    storage: join(folder, 'storage'),
    uplinks: { upstream: { url: uplink, maxage: '1h', timeout: '60s' } },
    packages: {
      '@quorate/*': ours,
      quorate: ours,
      'quorate-plugin-*': ours,
      '**': { access: '$all', proxy: 'upstream' },
    },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
    max_body_size: '50mb',
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  const program = createRequire(import.meta.url).resolve('verdaccio/bin/verdaccio');
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (log += bytes.toString()));
  const url = `http://127.0.0.1:${port}/`;
  const stop = (): void => void child.kill();
  process.on('exit', stop);
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    // Whoever may publish may do so without an account, but npm refuses to publish without a token.
    if (answer?.ok)
      return { url, npmrc: `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`, log: () => log, stop };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  stop();
  throw new Error(`verdaccio did not start: ${log}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
