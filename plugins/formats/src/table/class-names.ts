import { isObject } from '../json/json-record.js';

/** The names of the classes of each column that has numbers for them, as `ClassLabel` of Hugging Face's datasets keeps them. */
export type ClassNames = ReadonlyMap<string, readonly string[]>;

/** Out of `features`: `{"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}`; older files have the names in a list or by number. */
export function classNames(features: unknown): ClassNames {
  const found = new Map<string, readonly string[]>();
  if (!isObject(features)) return found;
  for (const [column, type] of Object.entries(features)) {
    // A sequence of labels has the type of its members within.
    const inner = isObject(type)
      ? (type['feature'] ?? type['class_label'] ?? type)
      : Array.isArray(type)
        ? (type[0] as unknown)
        : type;
    const names = isObject(inner)
      ? isObject(inner['class_label'])
        ? inner['class_label']['names']
        : inner['names']
      : null;
    const list = Array.isArray(names) ? names : isObject(names) ? Object.values(names) : [];
    if (list.length > 0 && list.every((one) => typeof one === 'string')) found.set(column, list);
  }
  return found;
}

/** A value with the name of its class; -1 is no class, and what has no name stays as it is. */
export function className(names: readonly string[] | undefined, value: unknown): unknown {
  if (names === undefined || value === null || value === undefined) return value;
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
  if (number === -1) return null;
  return names[number] ?? value;
}

/** The names in the metadata of a file (`huggingface`), else in `dataset_info.json` beside it. */
export function classNamesIn(metadata: ReadonlyMap<string, string>, beside: string | undefined): ClassNames {
  for (const text of [metadata.get('huggingface'), beside]) {
    const info = text === undefined ? null : parsedOrNull(text);
    if (!isObject(info)) continue;
    const inner = isObject(info['info']) ? info['info'] : info;
    // dataset_infos.json has one entry for each configuration.
    const all = 'features' in inner ? [inner] : Object.values(inner).filter(isObject);
    for (const one of all) {
      const names = classNames(one['features']);
      if (names.size > 0) return names;
    }
  }
  return new Map();
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
