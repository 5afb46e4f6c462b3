import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { INK, LINE } from './figures.js';

const require = createRequire(import.meta.url);
/** A font of our own: pictures are the same on every machine, also where there is none. */
const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/** An SVG as text, of a vega-lite specification. */
export async function svgOf(spec: object): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec as never).spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** The same for a page: it takes the colours of the text around it, so that it is right in the dark too. */
export function inPage(svg: string, label: string): string {
  return (
    svg
      .replaceAll(INK, 'currentColor')
      .replaceAll(LINE, 'var(--line)')
      // One picture with one name, and no names for its parts.
      .replaceAll(/ (?:role="graphics-\w+"|aria-roledescription="[^"]*")/g, '')
      .replaceAll(/font-family="[^"]*"/g, 'font-family="system-ui, sans-serif"')
      .replace(
        /<svg /,
        `<svg role="img" aria-label="${label.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}" `,
      )
  );
}

/** White paper, twice the size: 144 dots per inch. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = { fontFiles: [FONT, BOLD], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font, background: 'white', fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
}

/** One page of the picture's size, text as text. */
export async function pdfOf(svg: string, title: string): Promise<Uint8Array> {
  const [{ default: PDFDocument }, { default: draw }] = await Promise.all([import('pdfkit'), import('svg-to-pdfkit')]);
  const [width, height] = sizeOf(svg);
  // A date would make the bytes other ones every time.
  const info = { Title: title, CreationDate: new Date(0) };
  const document = new PDFDocument({ size: [width, height], margin: 0, info });
  const chunks: Uint8Array[] = [];
  document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise((resolve) => document.on('end', resolve));
  document.registerFont('regular', readFileSync(FONT)).registerFont('bold', readFileSync(BOLD));
  draw(document, svg, 0, 0, {
    width,
    height,
    fontCallback: (_family: string, bold: boolean) => (bold ? 'bold' : 'regular'),
  });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function sizeOf(svg: string): [number, number] {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return [Number(width), Number(height)];
}
