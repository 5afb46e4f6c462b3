const candidates = ['\t', ',', ';', '|'];

/** The delimiter of a text by its first line: the candidate that is there most often, outside quotes. */
export function guessDelimiter(head: string): string {
  const counts = new Map(candidates.map((character) => [character, 0]));
  let quoted = false;
  for (const character of head) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && counts.has(character)) counts.set(character, counts.get(character)! + 1);
  }
  let best = ',';
  for (const character of candidates) if (counts.get(character)! > counts.get(best)!) best = character;
  return best;
}

/** False for what no text has: zero bytes. */
export function isText(head: Uint8Array): boolean {
  return !head.includes(0);
}
