import type { StoppingRule } from '@quorate/core';
import type { SuiteOptions } from './law.js';
import type { Make } from './setup.js';

export interface StoppingRuleCapabilities extends SuiteOptions {
  /** The rule has audits made. */
  readonly audits?: boolean;
}

export interface StoppingRuleSubject {
  readonly make: Make<StoppingRule>;
  readonly capabilities: StoppingRuleCapabilities;
}
