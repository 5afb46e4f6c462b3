/** The part of asciichart that is used; the package has no types. */
declare module 'asciichart' {
  export interface PlotOptions {
    min?: number;
    max?: number;
    /** Rows of the plot. */
    height?: number;
    /** Columns left of the first value. */
    offset?: number;
    format?: (value: number) => string;
  }
  const asciichart: { plot(series: readonly number[], options?: PlotOptions): string };
  export default asciichart;
}
