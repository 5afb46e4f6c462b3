import { isObject, type JsonObject } from '../json/json-record.js';

/** One answer to one question. */
export interface Response {
  readonly question: string;
  readonly worker: unknown;
  readonly value: unknown;
  readonly status: unknown;
}

/**
 * All responses of a record; undefined for what is no record. The shapes are those of `to_json` of version 2, of its
 * export to datasets (flat), of the API and of the export to datasets of version 1.
 */
export function responsesOf(record: JsonObject): Response[] | undefined {
  const given = record['responses'];
  if (Array.isArray(given)) return ofUsers(given);
  if (isObject(given)) return ofQuestions(given);
  if (given !== undefined && given !== null) return undefined;
  const flat = Object.keys(record).filter((key) => key.endsWith(USERS));
  if (flat.length > 0) return flat.flatMap((key) => inColumns(record, key.slice(0, -USERS.length)));
  const questions = Object.entries(record).filter(([, answers]) => Array.isArray(answers) && answers.some(isResponse));
  return ofQuestions(Object.fromEntries(questions));
}

/** `[{user_id, status, values: {question: {value}}}]` */
function ofUsers(users: readonly unknown[]): Response[] | undefined {
  const found: Response[] = [];
  for (const one of users) {
    if (!isObject(one)) return undefined;
    const { user_id: worker, status } = one;
    const values = one['values'] ?? {};
    if (!isObject(values)) return undefined;
    for (const [question, answer] of Object.entries(values)) {
      found.push({ question, worker, status, value: isObject(answer) ? answer['value'] : answer });
    }
  }
  return found;
}

/** `{question: [{user_id, value, status}]}` */
function ofQuestions(questions: JsonObject): Response[] | undefined {
  const found: Response[] = [];
  for (const [question, answers] of Object.entries(questions)) {
    if (!Array.isArray(answers)) return undefined;
    for (const one of answers as unknown[]) {
      if (!isObject(one)) return undefined;
      found.push({ question, worker: one['user_id'], status: one['status'], value: one['value'] });
    }
  }
  return found;
}

const USERS = '.responses.users';
const isResponse = (one: unknown): boolean => isObject(one) && 'user_id' in one && 'value' in one;

/** `{"question.responses": [value], "question.responses.users": [user_id], "question.responses.status": [status]}` */
function inColumns(record: JsonObject, question: string): Response[] {
  const [values, users, statuses] = ['.responses', USERS, '.responses.status'].map((end) => {
    const column = record[question + end];
    return Array.isArray(column) ? (column as unknown[]) : [];
  }) as [unknown[], unknown[], unknown[]];
  return values.map((value, r) => ({ question, worker: users[r], value, status: statuses[r] }));
}
