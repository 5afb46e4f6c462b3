import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type DefaultTheme } from 'vitepress';
import { checkAnchors } from './anchors.js';
import { repository, repositoryLinks } from './links.js';

const docs = join(import.meta.dirname, '..');
const title = (name: string): string => name.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());

/** A side bar entry for every page of a folder. */
function pagesOf(folder: string, text: (name: string) => string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(docs, folder), { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name.replace(/\.md$/, '')))
    .filter((name) => !['index', 'README'].includes(name))
    .sort()
    .map((name) => ({ text: text(name.replace('/', '')), link: `/${folder}/${name}` }));
}

const guides: DefaultTheme.SidebarItem[] = [
  { text: 'Tour', link: '/tour' },
  {
    text: 'Guides',
    items: [
      { text: 'Labels out of answers', link: '/guides/labels-from-answers' },
      { text: 'Plan a budget', link: '/guides/plan-a-budget' },
      { text: 'Campaigns with real people', link: '/campaigns' },
      { text: 'Use your own data', link: '/guides/your-own-data' },
      { text: 'Let a model answer first', link: '/guides/let-a-model-answer-first' },
      { text: 'Stop with a guarantee', link: '/guides/stop-with-a-guarantee' },
      { text: 'Reproduce the paper', link: '/guides/reproduce-the-paper' },
      { text: 'Write a plugin', link: '/guides/write-a-plugin' },
    ],
  },
  {
    text: 'Background',
    items: [
      { text: 'Which practice when', link: '/practices' },
      { text: 'Compared with', link: '/compared-with' },
      { text: 'From the original program', link: '/original-program' },
      { text: 'Recipes', link: '/recipes' },
    ],
  },
  { text: 'Examples', collapsed: true, items: pagesOf('examples', title) },
];

const reference: DefaultTheme.SidebarItem[] = [
  {
    text: 'Commands',
    link: '/reference/commands/',
    collapsed: false,
    items: pagesOf('reference/commands', (name) => name.replace('-', ' ')),
  },
  { text: 'Configuration', link: '/reference/configuration' },
  { text: 'Presets', link: '/reference/presets' },
  { text: 'Parts', link: '/reference/parts/', collapsed: false, items: pagesOf('reference/parts', title) },
  { text: 'Errors', link: '/reference/errors' },
];

const authors: DefaultTheme.SidebarItem[] = [
  { text: 'Write a plugin', link: '/guides/write-a-plugin' },
  { text: 'Recipes', link: '/recipes' },
  { text: 'Contracts', link: '/contracts/', collapsed: false, items: pagesOf('contracts', title) },
  { text: 'Architecture', link: '/packages/', collapsed: true, items: pagesOf('packages', (name) => name) },
  { text: 'Built-in plugins', link: '/plugins/', collapsed: true, items: pagesOf('plugins', (name) => name) },
];

const icon = readIcon();

export default defineConfig({
  title: 'Quorate',
  description: 'Label large datasets with as few human answers as possible, and know how sure you are.',
  lang: 'en',
  // Below a folder where it is published, for instance on GitHub Pages.
  base: process.env['SITE_BASE'] ?? '/',
  cleanUrls: true,
  lastUpdated: false,
  // A link to a page that is not there ends the build.
  ignoreDeadLinks: false,
  rewrites: (page) => page.replace(/README\.md$/, 'index.md'),
  head: [['link', { rel: 'icon', href: icon }]],
  buildEnd: ({ outDir, site }) => checkAnchors(outDir, site.base),
  markdown: { config: repositoryLinks },
  themeConfig: {
    nav: [
      { text: 'Tour', link: '/tour' },
      {
        text: 'Guides',
        link: '/guides/labels-from-answers',
        activeMatch: '^/(guides|practices|original-program|examples)',
      },
      { text: 'Reference', link: '/reference/commands/', activeMatch: '^/reference' },
      { text: 'Plugin authors', link: '/contracts/', activeMatch: '^/(contracts|plugins|packages|recipes)' },
    ],
    sidebar: {
      '/': guides,
      '/reference/': reference,
      '/contracts/': authors,
      '/packages/': authors,
      '/plugins/': authors,
    },
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: 'MIT licence' },
  },
});

/** Three voices, one of them the decision. */
function readIcon(): string {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="#3451b2"><circle cx="8" cy="10" r="5"/><circle cx="24" cy="10" r="5"/></g><circle cx="16" cy="22" r="7" fill="#0f9d76"/></svg>';
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
