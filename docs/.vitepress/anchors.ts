import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Throws where a link of a built page names a heading that is not on its page. VitePress itself checks the pages only. */
export function checkAnchors(dist: string, base: string): void {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const pages = new Map(
    files.map((file) => [`/${file.replaceAll('\\', '/')}`, readFileSync(join(dist, file), 'utf8')]),
  );
  const ids = new Map([...pages].map(([page, html]) => [page, new Set(matches(html, / id="([^"]+)"/g))]));
  const dead = [...pages].flatMap(([page, html]) =>
    matches(html, /<a [^>]*?href="([^"]*#[^"]+)"/g)
      .map((href) => (href.startsWith(base) ? `/${href.slice(base.length)}` : href))
      .filter((href) => !/^[a-z]+:/.test(href))
      .filter((href) => {
        const [path, id] = href.split('#') as [string, string];
        return !ids.get(fileOf(path, page, pages))?.has(decodeURIComponent(id));
      })
      .map((href) => `${page}: ${href}`),
  );
  if (dead.length > 0) throw new Error(`${dead.length} links to headings that are not there:\n${dead.join('\n')}`);
}

function fileOf(path: string, page: string, pages: ReadonlyMap<string, string>): string {
  if (path === '') return page;
  const target = posix.join(
    posix.dirname(page),
    path.startsWith('/') ? posix.relative(posix.dirname(page), path) : path,
  );
  const wanted = path.endsWith('/') ? [`${target}/index.html`] : [`${target}.html`, `${target}/index.html`, target];
  return wanted.map((file) => posix.normalize(file)).find((file) => pages.has(file)) ?? target;
}

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found!);
