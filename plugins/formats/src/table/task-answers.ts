import { isObject, labelOf, type JsonObject } from '../json/json-record.js';

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
  return isObject(form) ? formAnswer(form, null) : undefined;
}

/** The same of the form itself. @param name The field that counts; null: the only one. */
export function formAnswer(form: JsonObject, name: string | null): string | null | undefined {
  const fields = Object.entries(form);
  if (name !== null && !(name in form)) return null;
  if (name === null && fields.length > 1) return undefined;
  const field = name === null ? (fields[0]?.[1] ?? null) : form[name];
  if (!isObject(field)) return asText(field);
  if ('label' in field) return asText(field['label']);
  if ('labels' in field) return asText(field['labels']);
  const choices = Object.entries(field);
  if (choices.some(([, chosen]) => typeof chosen !== 'boolean')) return undefined;
  return asText(choices.filter(([, chosen]) => chosen).map(([choice]) => choice));
}

function asText(value: unknown): string | null | undefined {
  const label = labelOf(value);
  return label === null || label === undefined ? label : String(label);
}
