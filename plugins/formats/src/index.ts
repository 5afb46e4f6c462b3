import { definePlugin, type OptionsOf } from '@quorate/core';
import { jsonl } from './json/jsonl.js';
import { pandas } from './json/pandas.js';
import { arrow, parquet } from './sheets/columnar.js';
import { xlsx } from './sheets/xlsx.js';
import { csv } from './table/csv.js';
import { survey } from './table/survey.js';
import { wide } from './table/wide.js';
import { appen } from './tools/appen.js';
import { argilla } from './tools/argilla.js';
import { doccano } from './tools/doccano.js';
import { labelbox } from './tools/labelbox.js';
import { labelStudio } from './tools/label-studio.js';
import { panoptes } from './tools/panoptes.js';
import { peerannot } from './tools/peerannot.js';
import { prodigy } from './tools/prodigy.js';
import { sagemaker } from './tools/sagemaker.js';

export {
  appen,
  argilla,
  arrow,
  csv,
  doccano,
  jsonl,
  labelStudio,
  labelbox,
  pandas,
  panoptes,
  parquet,
  peerannot,
  prodigy,
};
export { sagemaker, survey, wide, xlsx };

const tables = [csv, wide, survey, jsonl, pandas, xlsx, parquet, arrow];
const tools = [labelStudio, doccano, argilla, prodigy, peerannot, sagemaker, labelbox, panoptes, appen];

const components = [...tables, ...tools] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-formats',
  apiVersion: '^0.1.0',
  components,
});
