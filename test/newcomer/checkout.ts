import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../e2e/cli.js';

/**
 * The repository as it stands here, built, committed to a git of its own, with the packages that are installed here.
 *
 * @param npmrc More lines for its `.npmrc`.
 */
export function copyCheckout(folder: string, npmrc: string): void {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
  for (const file of git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  appendFileSync(join(folder, '.npmrc'), npmrc);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'config', 'user.name', 'test');
  git(folder, 'config', 'user.email', 'test@example.org');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'feat: everything');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const place of ['packages', 'plugins']) {
    for (const name of readdirSync(join(root, place))) {
      const [from, to] = [join(root, place, name), join(folder, place, name)];
      if (existsSync(join(from, 'dist'))) cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
      if (existsSync(join(from, 'node_modules'))) symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
    }
  }
}
