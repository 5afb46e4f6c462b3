import { answerFormatMutants } from './answer-format.mutants.js';
import { answerFormatLaws, describeAnswerFormat, type AnswerFormatSubject } from './answer-format.js';
import { answerKinds } from './answer-tables.js';
import { describeSuite } from './mutants.js';
import { referenceFormat } from './reference/answer-format.js';

describeAnswerFormat('reference', () => referenceFormat(), { holds: answerKinds });

const references: Record<string, AnswerFormatSubject> = {
  'a format that holds everything': { make: () => referenceFormat(), capabilities: { holds: answerKinds } },
  'a format that is written only': {
    make: () => ({ detect: () => 0, write: (output) => referenceFormat().write!(output) }),
    capabilities: { only: 'write' },
  },
};

describeSuite('AnswerFormat', answerFormatLaws, references, answerFormatMutants);
