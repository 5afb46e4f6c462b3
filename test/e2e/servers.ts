import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A server of the tests' own, on a port and in a folder of its own. */
export interface Server {
  readonly url: string;
  /** As `kill -9` and a new start: what is on the disk is what is left. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Where Debian's packages put what is not on the PATH. */
const elsewhere = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];

function find(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...elsewhere];
  return folders.map((folder) => join(folder, program)).find(existsSync);
}

/** Why tests with a server of this kind cannot run here, or null. */
export function missing(kind: 'redis' | 'postgres'): string | null {
  const needed = kind === 'redis' ? ['redis-server'] : ['initdb', 'postgres'];
  const absent = needed.find((program) => find(program) === undefined);
  return absent === undefined ? null : `${absent} is not installed`;
}

export const servers = { redis: startRedis, postgres: startPostgres } as const;

async function startRedis(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-redis-'));
  const port = await freePort();
  const words = [
    '--port',
    String(port),
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
  ];
  return serve(folder, port, `redis://127.0.0.1:${port}`, 'SIGKILL', () =>
    spawn(find('redis-server')!, [...words, '--bind', '127.0.0.1'], { stdio: 'ignore' }),
  );
}

async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  // It refuses to run as root.
  const { uid, gid } = process.getuid?.() === 0 ? (idsOf('postgres') ?? idsOf('nobody')!) : {};
  const as = uid === undefined || gid === undefined ? {} : { uid, gid };
  if (uid !== undefined && gid !== undefined) for (const path of [folder, data]) chownSync(path, uid, gid);
  const words = ['-D', data, '-U', 'quorate', '-A', 'trust', '--no-sync'];
  const made = spawnSync(find('initdb')!, words, { ...as, encoding: 'utf8', cwd: folder });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  // SIGQUIT is its kill -9: it goes without saying goodbye, and does not leave shared memory behind.
  return serve(folder, port, `postgres://quorate@127.0.0.1:${port}/postgres`, 'SIGQUIT', () =>
    spawn(find('postgres')!, ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder], {
      ...as,
      stdio: 'ignore',
      cwd: folder,
    }),
  );
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout || NaN),
  );
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid!, gid: gid! } : undefined;
}

async function serve(
  folder: string,
  port: number,
  url: string,
  how: NodeJS.Signals,
  start: () => ChildProcess,
): Promise<Server> {
  let child = start();
  await answering(port);
  const end = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(how);
    await gone;
  };
  return {
    url,
    async restart() {
      await end();
      child = start();
      await answering(port);
    },
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => socket.destroy());
      setTimeout(() => socket.destroy(), 1000).unref();
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}
