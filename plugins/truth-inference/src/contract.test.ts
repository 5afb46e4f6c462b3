import { buildComponent, describeAggregator, describePlugin } from '@quorate/testkit';
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
import plugin from './index.js';

describePlugin(plugin);

const runs = 40;
const absorbing = { runs, infers: true, absorbs: true };
describeAggregator('wawa', buildComponent(wawa), absorbing);
describeAggregator('zero_based_skill', buildComponent(zeroBasedSkill), { runs, infers: true });
describeAggregator('one_coin', buildComponent(oneCoin), absorbing);
describeAggregator('dawid_skene', buildComponent(dawidSkene), absorbing);
describeAggregator('dawid_skene_map', buildComponent(dawidSkeneMap), absorbing);
describeAggregator(
  'dawid_skene_map, flat',
  buildComponent(dawidSkeneMap, { options: { classPrior: 'flat' } }),
  absorbing,
);
describeAggregator('one_coin, strength 5', buildComponent(oneCoin, { options: { strength: 5 } }), absorbing);
describeAggregator('glad', buildComponent(glad), { runs, infers: true });
describeAggregator('mace', buildComponent(mace), absorbing);
describeAggregator('kos', buildComponent(kos), { runs, infers: true, classes: 2 });
describeAggregator('crowdlab', buildComponent(crowdlab), { runs, infers: true, needsPrior: true });
describeAggregator('default', buildComponent(chosen), {
  ...absorbing,
  arrivalMatters: 'it deals answers into folds by arrival',
});
