/** The parts of a template that makes its part by a function: what it imports, what comes before and after the component. */
const FUNCTION =
  /^(?:import [^;]+;\n)+\n(?<before>[^]*?)(?<doc>\/\*\*(?:(?!\*\/)[^])*\*\/)\nexport default defineComponent\(\{\n(?<head>[^]*?) {2}(?:inject: [^\n]*\n {2})?create: [^]*?\n\}\);\n(?<after>[^]*)$/;

/** The imports of a template with a class, and the class. */
const CLASS =
  /^(?<imports>(?:import [^;]+;\n)+)\n(?<source>@injectable\(\)\nclass (?<name>Own(?<kind>\w+)) [^]*\n\}\n)$/;

/**
 * A part as an `@injectable()` class: the class of one template amid the options, the documentation and the functions of the
 * other, which makes the same part by `create`.
 */
export function classTemplate(byFunction: string, byClass: string): string {
  const { before, doc, head, after } = groups<'before' | 'doc' | 'head' | 'after'>(FUNCTION, byFunction);
  const { imports, source, name, kind } = groups<'imports' | 'source' | 'name' | 'kind'>(CLASS, byClass);
  const takesOptions = source.includes('@inject(Options)');
  const token = "/** What the class receives as its options. */\nconst Options = Symbol('options');\n\n";
  return `${imports}
${before}${takesOptions ? token : ''}${doc}
${source}
export default defineComponent({
${head}  bindings:
    (${takesOptions ? 'given' : ''}) =>
    ({ bind }) => {
${takesOptions ? '      bind(Options).toConstantValue(given);\n' : ''}      bind(T.${kind}).to(${name}).whenNamed('my_part');
    },
});
${after}`;
}

/** Decorators, which JavaScript does not have yet, as calls after the class. */
export function withoutDecorators(source: string): string {
  const injected = [...source.matchAll(/@inject\(([\w.]+)\) /g)].map(([, id]) => id!);
  const name = /@injectable\(\)\nclass (\w+)/.exec(source)?.[1];
  if (name === undefined) return source;
  const calls = [
    `decorate(injectable(), ${name});`,
    ...injected.map((id, place) => `decorate(inject(${id}), ${name}, ${place});`),
  ];
  return source
    .replace(/\{ ((?:inject, )?injectable) \}/, '{ decorate, $1 }')
    .replace(/@inject\([\w.]+\) /g, '')
    .replace(/@injectable\(\)\n(class [^]*?\n\}\n)/, (_all, body: string) => `${body}${calls.join('\n')}\n`);
}

function groups<G extends string>(pattern: RegExp, text: string): Record<G, string> {
  const found = pattern.exec(text)?.groups;
  if (!found) throw new Error(`a template that is not of the form ${pattern.source}`);
  return found as Record<G, string>;
}
