/** The part of a JSON Schema that options use. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly items?: OptionSchema | boolean;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** One option as people read it. */
export interface OptionRow {
  readonly name: string;
  readonly type: string;
  /** JSON, or `required`, or empty. */
  readonly default: string;
  readonly description: string;
}

/** The options of a component out of the JSON Schema of its option map. Maps within options become `outer.inner`. */
export function optionRows(schema: OptionSchema, prefix = ''): OptionRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, option]): OptionRow[] => {
    const name = `${prefix}${key}`;
    if (option.properties && option.default === undefined) return optionRows(option, `${name}.`);
    const required = schema.required?.includes(key) === true && option.default === undefined;
    const fallback = option.default === undefined ? (required ? 'required' : '') : JSON.stringify(option.default);
    return [{ name, type: typeOf(option), default: fallback, description: option.description ?? '' }];
  });
}

/** A schema as a short phrase: `whole number >= 1`, `"soft" | "hard"`, `list of string`. */
export function typeOf(schema: OptionSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways) return [...new Set(ways.map(typeOf))].join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return types.map((type) => named(type, schema)).join(' | ') || 'any value';
}

function named(type: string, schema: OptionSchema): string {
  if (type === 'array') return typeof schema.items === 'object' ? `list of ${typeOf(schema.items)}` : 'list';
  if (type === 'object') return 'map';
  if (type !== 'integer' && type !== 'number') return type;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const bounds = [
    [exclusiveMinimum, '>'],
    [minimum, '>='],
    [exclusiveMaximum, '<'],
    [maximum, '<='],
  ] as const;
  // zod bounds whole numbers by what a double can hold; that says nothing to a reader.
  const told = bounds.flatMap(([value, sign]) =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? [] : [`${sign} ${value}`],
  );
  return [type === 'integer' ? 'whole number' : 'number', told.join(' and ')].join(' ').trim();
}
