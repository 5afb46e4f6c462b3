import { expect, it } from 'vitest';
import { csvField } from './csv.js';

it.each([
  ['plain', 'plain'],
  ['', '""'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['a lone carriage\rreturn', '"a lone carriage\rreturn"'],
  ['both\r\n', '"both\r\n"'],
  ['a;b|c\td', 'a;b|c\td'],
])('a CSV field of %j is %j', (text, field) => {
  expect(csvField(text)).toBe(field);
});
