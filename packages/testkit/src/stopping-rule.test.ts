import { describeSuite } from './mutants.js';
import { referenceAuditingRule } from './reference/auditing-rule.js';
import { referenceRule } from './reference/stopping-rule.js';
import { auditingMutants } from './stopping-rule-audit.mutants.js';
import { stoppingRuleMutants } from './stopping-rule.mutants.js';
import { describeStoppingRule, stoppingRuleLaws } from './stopping-rule.js';

describeStoppingRule('reference', () => referenceRule());
describeStoppingRule('reference that audits', () => referenceAuditingRule(), { audits: true });

describeSuite(
  'StoppingRule',
  stoppingRuleLaws,
  {
    patience: { make: () => referenceRule(), capabilities: {} },
    'never stops': { make: () => ({ stop: () => null }), capabilities: {} },
    'acceptance sampling': { make: () => referenceAuditingRule(), capabilities: { audits: true } },
  },
  [...stoppingRuleMutants, ...auditingMutants],
);
