import { isObject, labelOf } from './json-record.js';

/** The column of Mechanical Turk with the answers to a form of Crowd HTML Elements. */
export const TASK_ANSWERS = 'Answer.taskAnswers';

/**
 * The class that was chosen in a form with one field: `[{"category":{"label":"cat"}}]` of a classifier,
 * `[{"mood":{"bad":false,"good":true}}]` of radio buttons, `[{"mood":"good"}]` of a text.
 *
 * @returns null where nothing was chosen; undefined where that is no form, or one with several fields or choices.
 */
export function taskAnswer(text: string): string | null | undefined {
  let forms: unknown;
  try {
    forms = JSON.parse(text);
  } catch {
    return undefined;
  }
  const form = Array.isArray(forms) && forms.length === 1 ? (forms[0] as unknown) : undefined;
  if (!isObject(form)) return undefined;
  const fields = Object.values(form);
  if (fields.length > 1) return undefined;
  const [field = null] = fields;
  if (!isObject(field)) return asText(field);
  if ('label' in field) return asText(field['label']);
  const choices = Object.entries(field);
  if (choices.some(([, chosen]) => typeof chosen !== 'boolean')) return undefined;
  return asText(choices.filter(([, chosen]) => chosen).map(([name]) => name));
}

function asText(value: unknown): string | null | undefined {
  const label = labelOf(value);
  return label === null || label === undefined ? label : String(label);
}
