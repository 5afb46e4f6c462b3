import {
  aboutAnswers,
  goldWords,
  hasWord,
  isNamed,
  labelWords,
  madeOfAnswers,
  plain,
  taskWords,
  workerWords,
  wordsOf,
} from './words.js';

/** What a column, or a key of a JSON record, can say. */
export const roles = ['task', 'worker', 'label', 'gold', 'confidence', 'seconds', 'time'] as const;
export type Role = (typeof roles)[number];

/** Where the columns of each role are; -1 for a role that the file does not have. */
export type Columns = Readonly<Record<Role, number>>;

const list = (text: string): readonly string[] => text.split(' ');

/** Names by which the roles go, letters and digits only; what is first here is preferred where a file has several. */
const names: Readonly<Record<Role, readonly string[]>> = {
  task: list(
    // The first two are what a campaign writes, and what Mechanical Turk makes of it.
    'quoratetask inputquoratetask ' +
      'task taskid question questionid item itemid example exampleid unit unitid hitid hit assignmenttaskid object objectid ' +
      'instance instanceid sample sampleid document documentid docid doc sentence sentenceid tweet tweetid image imageid ' +
      'imageurl record recordid row rowid origid filename file url id',
  ),
  worker: list(
    'worker workerid assignmentworkerid performer performerid annotator annotatorid user userid username labeler labelerid ' +
      'labeller labellerid rater raterid coder coderid judge judgeid turker turkerid contributor contributorid participant ' +
      'participantid expert expertid observer observerid reviewer reviewerid completedby annotationagent who',
  ),
  label: list(
    'label labels answer answers response category class annotation judgment judgement choice vote rating verdict decision ' +
      'classification observed observation result value',
  ),
  gold: list(
    'gold golden goldlabel goldstandard groundtruth groundtruthlabel truth truelabel trueclass truevalue correct ' +
      'correctanswer correctlabel gt gtlabel reference target',
  ),
  confidence: list('confidence'),
  seconds: list(
    'seconds worktimeinseconds leadtime duration durationseconds durationinseconds timespent timetaken elapsed ' +
      'elapsedseconds responsetime secs',
  ),
  time: list(
    'time timestamp submittime submittedat assignmentsubmitted assignmentstarted createdat answeredat annotatedat date ' +
      'datetime completetime',
  ),
};

const roleOfName = new Map(roles.flatMap((role) => names[role].map((name, rank) => [name, { role, rank }] as const)));

/** Ranks of names that are not in the list, but speak of a role. */
const LOOSE = 1000;

interface Named {
  readonly role: Role;
  readonly rank: number;
}

/** The role that a name suggests; the lower the rank, the surer. */
function named(name: string): Named | undefined {
  const exact = roleOfName.get(plain(name));
  if (exact) return exact;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const about = hasWord(name, aboutAnswers);
  if (!about && isNamed(name, workerWords)) return { role: 'worker', rank: LOOSE };
  if (about || hasWord(name, madeOfAnswers)) return undefined;
  if (isGoldName(name)) return { role: 'gold', rank: LOOSE };
  if (labelWords.has(last)) return { role: 'label', rank: LOOSE + words.length };
  // `img1` is one of several tasks.
  if (isNamed(name, taskWords, 0) && !/\d/.test(name)) return { role: 'task', rank: LOOSE + words.length };
  return undefined;
}

/** Whether a name says that a column has the true classes: `label_gold`, `gold_sentiment`. */
export function isGoldName(name: string): boolean {
  const words = wordsOf(name);
  if (words[0] === 'is' || words.includes('reason')) return false;
  return words.some((word) => goldWords.has(word));
}

/** The role that a name alone suggests, or undefined. */
export function roleOf(name: string): Role | undefined {
  return named(name)?.role;
}

/** The role of which a name is one of the usual names, or undefined. */
export function usualRoleOf(name: string): Role | undefined {
  return roleOfName.get(plain(name))?.role;
}

/**
 * Finds the roles by the usual names; of several columns for one role the name that is first in the list above, of equal
 * names the first column. Answers of Mechanical Turk (`Answer.*`, with `HITId`) and of Toloka (`OUTPUT:*`, `GOLDEN:*`,
 * with the only `INPUT:*`; control tasks have no `OUTPUT:*`) go before.
 */
export function guessColumns(header: readonly string[]): Columns {
  const found: Record<Role, number> = none();
  const ranks = new Map<Role, number>();
  header.forEach((name, column) => {
    const known = named(name);
    if (!known || known.rank >= (ranks.get(known.role) ?? Infinity)) return;
    ranks.set(known.role, known.rank);
    found[known.role] = column;
  });
  // Several names that speak of workers, or of labels, are several workers, or questions.
  for (const role of ['worker', 'label'] as const) {
    const loose = header.filter((name) => named(name)?.role === role);
    if ((ranks.get(role) ?? 0) >= LOOSE && loose.length > 1) found[role] = -1;
  }
  const answers = answerColumns(header);
  const golds = prefixed(header, 'GOLDEN:');
  if (answers.length > 0) {
    found.label = answers.length === 1 ? answers[0]! : -1;
    const question = /^OUTPUT:(.*)$/.exec(header[found.label] ?? '')?.[1];
    if (question !== undefined) found.gold = header.indexOf(`GOLDEN:${question}`);
  } else if (golds.length === 1) found.gold = golds[0]!;
  const inputs = prefixed(header, 'INPUT:');
  if (answers.length + golds.length > 0 && inputs.length === 1) found.task = inputs[0]!;
  return found;
}

/** Columns of answers by the prefixes of Mechanical Turk and Toloka. */
export function answerColumns(header: readonly string[]): readonly number[] {
  return [...header.keys()].filter((column) => /^(Answer\.|OUTPUT:)/.test(header[column]!));
}

function prefixed(header: readonly string[], prefix: string): readonly number[] {
  return [...header.keys()].filter((column) => header[column]!.startsWith(prefix));
}

export function none(): Record<Role, number> {
  return { task: -1, worker: -1, label: -1, gold: -1, confidence: -1, seconds: -1, time: -1 };
}

/** Whether these columns can be read: answers (task, worker, label) or true classes (task, label or gold). */
export function areEnough({ task, worker, label, gold }: Columns): boolean {
  return task >= 0 && (worker >= 0 ? label >= 0 : label >= 0 || gold >= 0);
}
