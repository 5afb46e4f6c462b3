import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';

const root = join(import.meta.dirname, '../..');
export const repository = 'https://github.com/quorate/quorate';

/**
 * Pages are read in the repository too, and their links are relative to it. On the site a link to a README, or to a page
 * below `docs`, leads to its page, and any other to the file in the repository.
 */
export function repositoryLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const { path: page } = env as MarkdownEnv;
    const own = posix.relative(root, page);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const attribute = token.type === 'link_open' ? 'href' : token.type === 'image' ? 'src' : undefined;
      const target = attribute && token.attrGet(attribute);
      if (attribute && target) token.attrSet(attribute, resolved(target, own));
    }
  });
}

/** Where a link of the page at `own`, a path from the root of the repository, leads on the site. */
export function resolved(target: string, own: string): string {
  if (/^([a-z]+:|#|\/)/i.test(target)) return target;
  const [path, hash] = target.split('#') as [string, string?];
  const tail = hash === undefined ? '' : `#${hash}`;
  const origin = /^docs\/(packages|plugins|examples)\//.test(own) ? own.slice('docs/'.length) : own;
  const file = posix.normalize(posix.join(posix.dirname(origin), path)).replace(/\/$/, '');
  const inDocs = /^docs(\/|$)/.test(file) ? file.slice('docs/'.length) : undefined;
  if (inDocs !== undefined) return relativeTo(own, inDocs, tail);
  if (file === '.' || file === 'README.md') return relativeTo(own, 'index.md', tail);
  const readme = file.endsWith('README.md') ? file : `${file}/README.md`;
  if (/^(packages|plugins|examples)(\/[^/]+)?\/README\.md$/.test(readme) && existsSync(join(root, readme))) {
    return relativeTo(own, readme.replace('README.md', 'index.md'), tail);
  }
  const isFolder = statSync(join(root, file), { throwIfNoEntry: false })?.isDirectory() === true;
  return `${repository}/${isFolder ? 'tree' : 'blob'}/main/${file}${tail}`;
}

function relativeTo(own: string, to: string, tail: string): string {
  const link = posix.relative(posix.dirname(own.slice('docs/'.length)), to.replace(/README\.md$/, 'index.md'));
  return `${link.startsWith('.') ? '' : './'}${link}${tail}`;
}
