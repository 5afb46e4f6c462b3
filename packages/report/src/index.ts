export { comparisonsOf, type Comparison } from './comparisons.js';
export { costText, costsOf, type Cost } from './costs.js';
export { curvesOf, type Curve, type CurvePoint } from './curves.js';
export { figuresOf, type Figure } from './figures.js';
export { reportOf, type Report, type ReportOptions } from './report.js';
export {
  holm,
  mean,
  median,
  pairedDifference,
  spreadOf,
  t975,
  type PairedDifference,
  type Spread,
} from './statistics.js';
export { readStudy, type Study, type StudyRun } from './study.js';
export { csvOfTable, latexOf, markdownOf, parquetOf, type Field, type Table } from './tables.js';
export { writeReport } from './write.js';
