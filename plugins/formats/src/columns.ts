/** What a column, or a key of a JSON record, can say. */
export const roles = ['task', 'worker', 'label', 'gold', 'confidence', 'seconds', 'time'] as const;
export type Role = (typeof roles)[number];

/** Where the columns of each role are; -1 for a role that the file does not have. */
export type Columns = Readonly<Record<Role, number>>;

/** Names by which the roles go, letters and digits only; what is first here is preferred where a file has several. */
const names: Readonly<Record<Role, readonly string[]>> = {
  task: [
    // What a campaign writes, also as Mechanical Turk gives it back.
    ...['quoratetask', 'inputquoratetask'],
    ...[
      'task',
      'taskid',
      'question',
      'questionid',
      'item',
      'itemid',
      'example',
      'exampleid',
      'unit',
      'unitid',
      'hitid',
    ],
    ...['hit', 'assignmenttaskid', 'object', 'objectid', 'instance', 'instanceid', 'sample', 'sampleid', 'document'],
    ...['documentid', 'docid', 'doc', 'sentence', 'sentenceid', 'tweet', 'tweetid', 'image', 'imageid', 'imageurl'],
    ...['record', 'recordid', 'row', 'rowid', 'origid', 'filename', 'file', 'url', 'id'],
  ],
  worker: [
    ...['worker', 'workerid', 'assignmentworkerid', 'performer', 'performerid', 'annotator', 'annotatorid', 'user'],
    ...['userid', 'username', 'labeler', 'labelerid', 'labeller', 'labellerid', 'rater', 'raterid', 'coder', 'coderid'],
    ...['judge', 'judgeid', 'turker', 'turkerid', 'contributor', 'contributorid', 'participant', 'participantid'],
    ...[
      'expert',
      'expertid',
      'observer',
      'observerid',
      'reviewer',
      'reviewerid',
      'completedby',
      'annotationagent',
      'who',
    ],
  ],
  label: [
    ...['label', 'labels', 'answer', 'answers', 'response', 'category', 'class', 'annotation', 'judgment', 'judgement'],
    ...[
      'choice',
      'vote',
      'rating',
      'verdict',
      'decision',
      'classification',
      'observed',
      'observation',
      'result',
      'value',
    ],
  ],
  gold: [
    ...[
      'gold',
      'golden',
      'goldlabel',
      'goldstandard',
      'groundtruth',
      'groundtruthlabel',
      'truth',
      'truelabel',
      'trueclass',
    ],
    ...['truevalue', 'correct', 'correctanswer', 'correctlabel', 'gt', 'gtlabel', 'reference', 'target'],
  ],
  confidence: ['confidence'],
  seconds: [
    ...['seconds', 'worktimeinseconds', 'leadtime', 'duration', 'durationseconds', 'timespent', 'timetaken', 'elapsed'],
    ...['elapsedseconds', 'responsetime', 'secs'],
  ],
  time: [
    ...['time', 'timestamp', 'submittime', 'submittedat', 'assignmentsubmitted', 'assignmentstarted', 'createdat'],
    ...['answeredat', 'annotatedat', 'date', 'datetime'],
  ],
};

const roleOfName = new Map(roles.flatMap((role) => names[role].map((name, rank) => [name, { role, rank }] as const)));

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The role that a name alone suggests, or undefined. */
export function roleOf(name: string): Role | undefined {
  return roleOfName.get(plain(name))?.role;
}

/** Whether a name is one of tasks, or says nothing at all (the corner of a matrix). */
export function mayNameTasks(name: string): boolean {
  return plain(name) === '' || roleOf(name) === 'task';
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
    const known = roleOfName.get(plain(name));
    if (!known || known.rank >= (ranks.get(known.role) ?? Infinity)) return;
    ranks.set(known.role, known.rank);
    found[known.role] = column;
  });
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

/** What the user says of the columns: `task,worker,label,-` by place, or `task=HITId,label=Answer.mood` by name. */
export type ColumnsGiven =
  | { readonly by: 'place'; readonly columns: Columns; readonly count: number }
  | { readonly by: 'name'; readonly names: Readonly<Partial<Record<Role, string>>> };

/** Parses what the user says of the columns. @returns what is wrong with it as a string. */
export function parseColumns(text: string): ColumnsGiven | string {
  const parts = text.split(',').map((part) => part.trim());
  const isRole = (word: string): word is Role => (roles as readonly string[]).includes(word);
  const usual = `roles are ${roles.join(', ')}, and - for a column to leave out`;
  if (parts.some((part) => part.includes('='))) {
    const given: Partial<Record<Role, string>> = {};
    for (const part of parts) {
      const cut = part.indexOf('=');
      const role = part.slice(0, cut).trim();
      if (cut < 0 || !isRole(role)) return `"${part}" is no role=column; ${usual}`;
      given[role] = part.slice(cut + 1).trim();
    }
    return { by: 'name', names: given };
  }
  const columns = none();
  for (const [column, part] of parts.entries()) {
    if (part === '-' || part === '') continue;
    if (!isRole(part)) return `"${part}" is no role; ${usual}`;
    if (columns[part] >= 0) return `${part} is there twice`;
    columns[part] = column;
  }
  if (!areEnough(columns)) return 'a task and a worker and a label, or a task and its gold label, are needed';
  return { by: 'place', columns, count: parts.length };
}
