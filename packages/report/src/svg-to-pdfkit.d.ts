declare module 'svg-to-pdfkit' {
  interface Options {
    readonly width: number;
    readonly height: number;
    readonly fontCallback: (family: string, bold: boolean, italic: boolean) => string;
  }
  export default function draw(document: PDFKit.PDFDocument, svg: string, x: number, y: number, options: Options): void;
}
