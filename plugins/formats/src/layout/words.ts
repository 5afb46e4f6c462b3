/** Letters and digits of a name, in lower case. */
export function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The words of a name, in lower case and without the s of a plural: `!amt_workerIDs` is amt, worker, id. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => (/[^su]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word));
}

const say = (text: string): ReadonlySet<string> => new Set(text.split(' '));

export const workerWords = say(
  'worker annotator labeler labeller rater coder judge turker performer contributor participant respondent reviewer ' +
    'expert observer crowdworker assessor evaluator grader marker volunteer',
);
export const taskWords = say(
  'task item question hit unit example object instance sample document doc sentence tweet image picture photo img ' +
    'record row url file filename clip video audio post text stimulus pair comment id',
);
export const labelWords = say(
  'label answer response category class annotation judgment judgement choice vote rating verdict decision ' +
    'classification observation result value grade',
);
/** What a column is called that an aggregation made, or that a person settled: no single worker's answers. */
export const madeOfAnswers = say(
  'majority mv mode consensus aggregate aggregated aggregation final adjudicated adjudication adjudicator resolved ' +
    'resolution agreed agreement combined merged predicted prediction pred model machine suggestion suggested runner ' +
    'median mean average avg total unanimous winner',
);
/** What a column is called that says something about answers. */
export const aboutAnswers = say(
  'confidence conf certainty sure score trust prob probability time timestamp date second duration minute elapsed ' +
    'created updated started submitted count number num n note comment remark reason explanation rationale status ' +
    'length len version age gender sex country city region ip channel email tainted missed approve reject difficulty ' +
    'lifetime reward price margin variance entropy kappa alpha',
);
export const goldWords = say('gold golden truth groundtruth true gt reference');

/** The parts of names that add nothing to what a column is. */
const fillers = say(
  'id ident identifier name url uri key ref no idx index hash code the of a orig original source amt mturk',
);

/** Whether a name is one of these words, beside fillers and at most one other word. */
export function isNamed(name: string, words: ReadonlySet<string>, foreign = 1): boolean {
  const all = wordsOf(name).map((word) => (words.has(word) ? word : word.replace(/(?<=\p{L})\d+$/u, '')));
  if (!all.some((word) => words.has(word))) return false;
  return all.filter((word) => !words.has(word) && !fillers.has(word) && !/^\d+$/.test(word)).length <= foreign;
}

export function hasWord(name: string, words: ReadonlySet<string>): boolean {
  return wordsOf(name).some((word) => words.has(word));
}
