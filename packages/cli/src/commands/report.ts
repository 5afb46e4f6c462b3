import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateCommand } from '../quorate-command.js';

export default class ReportCommand extends QuorateCommand {
  static override summary = 'Pictures and tables of a sweep or of runs, as one page and as files for a paper.';
  static override description = [
    'Curves with their spread, annotations to an accuracy, paired differences with intervals, reliability, cost: report.html',
    'needs no network and prints; figures/ has each picture as SVG, PNG and PDF, tables/ each table as Markdown, CSV, LaTeX',
    '(booktabs) and Parquet. Several folders are compared with each other. It can be made again at any time, also of a sweep',
    'that is not done.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'report FOLDER... [--out DIR] [--price P] [--target SHARE] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> report sweeps/study',
    '<%= config.bin %> report runs/first runs/second --out comparison',
    '<%= config.bin %> report sweeps/study --price 0.03 --target 0.97',
  ];
  static override flags = {
    out: Flags.string({
      char: 'o',
      helpValue: 'DIR',
      summary: 'Where it is written. Without it: the folder itself; of several, the folder report.',
    }),
    price: Flags.string({
      helpValue: 'P',
      summary: 'What an annotation costs; the tables say what the runs cost then.',
    }),
    target: Flags.string({
      helpValue: 'SHARE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'An accuracy whose cost is to be given, 0.97 for instance (default: 0.9, 0.95 and 0.98).',
    }),
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ReportCommand);
    const folders = this.words(argv);
    if (folders.length === 0)
      this.error('Name the folder of a sweep or of a run: quorate report sweeps/study.', { exit: 2 });
    const share = (text: string): number => {
      const value = Number(text);
      if (!(value > 0 && value < 1))
        this.error(`--target: expected a share between 0 and 1, got ${text}.`, { exit: 2 });
      return value;
    };
    const price = flags.price === undefined ? null : Number(flags.price);
    if (price !== null && !(price >= 0))
      this.error(`--price: expected a number of at least 0, got ${flags.price}.`, { exit: 2 });
    const { readStudy, reportOf, writeReport } = await import('@quorate/report');
    const { display } = await import('@quorate/host');
    const cwd = process.cwd();
    const study = readStudy(
      folders.map((folder) => resolve(cwd, folder)),
      cwd,
    );
    const targets = flags.target?.map(share).sort((a, b) => a - b);
    const report = await reportOf(study, { price, version: this.config.version, ...(targets ? { targets } : {}) });
    const out = resolve(cwd, flags.out ?? (folders.length === 1 ? folders[0]! : 'report'));
    const files = await writeReport(out, study, report);
    const done = study.runs.filter(({ status }) => status === 'done').length;
    const failed = study.runs.filter(({ status }) => status === 'failed').length;
    this.print([
      `${done} of ${study.runs.length} runs${failed > 0 ? `; ${failed} failed` : ''}.`,
      ...report.comparisons.slice(0, 12).map(({ a, b, panel, verdict, mean }) => {
        const where = panel === '' ? '' : `${panel}: `;
        const points = `${(100 * Math.abs(mean)).toFixed(1)} points`;
        if (verdict === 'a') return `${where}${a} is better than ${b} (${points})`;
        if (verdict === 'b') return `${where}${b} is better than ${a} (${points})`;
        return `${where}${a} and ${b}: ${verdict} (${points})`;
      }),
      '',
      `Report in ${display(join(out, 'report.html'), cwd)}`,
      '  figures/  every picture as SVG, PNG and PDF',
      '  tables/   every table as Markdown, CSV, LaTeX and Parquet',
    ]);
    return {
      folder: out,
      runs: study.runs.length,
      done,
      failed,
      comparisons: report.comparisons,
      files: files.filter((name) => existsSync(join(out, name))),
    };
  }
}
