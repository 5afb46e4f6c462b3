import { definePlugin, type OptionsOf } from '@quorate/core';
import crowdlab from './aggregator-crowdlab.js';
import dawidSkene from './aggregator-dawid-skene.js';
import dawidSkeneMap from './aggregator-dawid-skene-map.js';
import chosen from './aggregator-default.js';
import glad from './aggregator-glad.js';
import kos from './aggregator-kos.js';
import mace from './aggregator-mace.js';
import oneCoin from './aggregator-one-coin.js';
import wawa from './aggregator-wawa.js';
import zeroBasedSkill from './aggregator-zero-based-skill.js';

const components = [
  wawa,
  zeroBasedSkill,
  oneCoin,
  dawidSkene,
  dawidSkeneMap,
  glad,
  mace,
  kos,
  crowdlab,
  chosen,
] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-truth-inference',
  apiVersion: '^0.1.0',
  components,
});
