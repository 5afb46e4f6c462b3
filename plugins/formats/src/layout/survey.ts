import { isCellLike, isUnique, vocabularies } from './content.js';
import { nameOf, type Facts, type Layout, type Unclear } from './facts.js';
import { columnsFlag } from './given.js';
import { guessColumns, none, usualRoleOf } from './roles.js';
import { aboutAnswers, hasWord, isNamed, plain, taskWords, workerWords } from './words.js';

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** What survey tools put beside the answers, letters and digits only. */
const toolNames = set(
  'timestamp zeitstempel horodateur marcatemporal tijdstempel carimbodedatahora informazionicronologiche отметкавремени ' +
    'タイムスタンプ 时间戳记 時間戳記 tidsstempel tidstämpel sygnaturaczasowa ' +
    'startdate enddate status ipaddress progress durationinseconds finished recordeddate responseid recipientlastname ' +
    'recipientfirstname recipientemail externalreference externaldatareference locationlatitude locationlongitude ' +
    'distributionchannel userlanguage qrecaptchascore consent ' +
    'respondentid collectorid customdata1 emailaddress firstname lastname datecreated datemodified ' +
    'starttime completiontime lastmodifiedtime email name id ' +
    'networkid startdateutc submitdateutc token tags stagedate responsetype ' +
    'submitdate lastpage startlanguage seed startdatum datestamp refurl lastaction ' +
    'start end uuid submissiontime submissionid submissiondate validationstatus index notes submittedby username score totalpoints',
);
/** The first of these columns says who answered. */
const people = set(
  'prolificid prolificpid participantid participant workerid worker annotator rater coder email emailaddress username ' +
    'adressemail emailadresse nutzername benutzername nomdutilisateur nombredeusuario nomeutente gebruikersnaam имяпользователя ' +
    'adresseemail direccióndecorreoelectrónico correoelectrónico indirizzoemail endereçodeemail emailadres электроннаяпочта respondentid respondent responseid submissionid uuid networkid token id',
);

/** Of these, what nobody calls a task. */
const surely = new Set(
  [...people].filter((name) => !['id', 'uuid', 'token', 'networkid', 'submissionid'].includes(name)),
);

/** Whether a name is a question, or the number of one. */
export function looksLikeQuestion(name: string): boolean {
  if (/[?？]\s*(\[.*\])?$/.test(name) || /^q(uestion)?[ _.-]?\d+([._-]\d+)?$/i.test(name)) return true;
  return (isNamed(name, taskWords, 0) && /\d/.test(name)) || /^\p{L}+[ _-]?\d+:\s/u.test(name);
}

/** Survey tools export one row a respondent, and below the names rows that explain them. */
interface Tool {
  /** Rows of data that explain the names. */
  readonly explained: number;
}

function toolOf({ names, rows }: Facts): Tool | null {
  const has = (...all: string[]): boolean => all.every((name) => names.some((one) => plain(one) === name));
  const [first = [], second = []] = rows;
  const isImport = (row: readonly string[]): boolean => row.some((cell) => cell.startsWith('{"ImportId"'));
  if (isImport(second)) return { explained: 2 };
  if (isImport(first)) return { explained: 1 };
  if (has('responseid') && (has('startdate') || has('recordeddate'))) return { explained: 0 };
  if (has('respondentid', 'collectorid')) {
    // The line below the questions has no respondent.
    const respondent = names.findIndex((name) => plain(name) === 'respondentid');
    return { explained: Number((first[respondent] ?? '') === '') };
  }
  const forms = [
    'timestamp',
    'zeitstempel',
    'horodateur',
    'marcatemporal',
    'tijdstempel',
    'carimbodedatahora',
    'informazionicronologiche',
    'отметкавремени',
    'タイムスタンプ',
    '时间戳记',
  ];
  if (forms.includes(plain(names[0] ?? ''))) return { explained: 0 };
  const known = [
    ['starttime', 'completiontime'],
    ['submitdate', 'lastpage'],
    ['startdateutc', 'submitdateutc'],
    ['uuid', 'submissiontime'],
    ['submissiondate', 'submissionid'],
  ];
  return known.some((one) => has(...one)) ? { explained: 0 } : null;
}

/**
 * One row a respondent, one column a task: exports of survey tools, and tables whose rows are workers. The tasks are the
 * largest group of columns that speak of the same classes. Null where the table is of another kind.
 */
export function surveyLayout(facts: Facts, force: boolean): Layout | Unclear | null {
  const { names, chosen, skip, named, others } = facts;
  if (!named || facts.rows.length === 0) return null;
  const guess = guessColumns(names);
  const tool = toolOf(facts);
  const { explained } = tool ?? { explained: 0 };
  const rows = facts.rows.slice(explained);
  const contents = explained === 0 ? facts.contents : recounted(facts, rows);
  const worker = chosen.worker?.[0] ?? workerColumn(names, contents, rows.length, guess.worker, tool !== null || force);
  if (!tool && !force && !isSurvey({ ...facts, rows, contents }, guess, worker)) return null;
  const free = [...names.keys()].filter((column) => {
    const name = names[column]!;
    if (
      column === worker ||
      others.includes(column) ||
      !isCellLike(contents[column]!) ||
      contents[column]!.filled === 0
    )
      return false;
    return (
      !toolNames.has(plain(name)) &&
      !/^_/.test(name) &&
      !/- (first click|last click|page submit|click count)$/i.test(name)
    );
  });
  let cells = chosen.task?.filter((column) => column >= 0) ?? [];
  if (cells.length === 0) {
    const groups = vocabularies(free, contents, names);
    const [most = [], next = []] = groups;
    if (most.length === 0) return null;
    if (next.length === most.length)
      return severalGroups(
        facts,
        groups.filter((group) => group.length === most.length),
      );
    cells = most;
  }
  const labels = names.map((name, column) => name || (cells.includes(column) ? unnamed(facts, column) : ''));
  const notes = worker < 0 ? ['Nothing says who answered: workers go by the number of their row.'] : [];
  return {
    shape: 'survey',
    names: labels,
    skip: skip + explained,
    columns: { ...none(), worker, time: timeColumn(names) },
    cells,
    notes,
  };
}

/** Whether the values of a column are names as workers have them, with a number or a letter: `coder A`, `rater_2`. */
function namesWorkers({ values }: Facts['contents'][number]): boolean {
  return values.size > 1 && [...values.keys()].every((text) => isNamed(text, workerWords) && text.length < 30);
}

function recounted(facts: Facts, rows: readonly (readonly string[])[]): Facts['contents'] {
  return facts.names.map((_, column) => {
    const values = new Map<string, number>();
    let [filled, longest] = [0, 0];
    for (const row of rows) {
      const text = row[column] ?? '';
      if (text === '' || facts.missing.has(text)) continue;
      filled++;
      longest = Math.max(longest, text.length);
      values.set(text, (values.get(text) ?? 0) + 1);
    }
    return { values, filled, longest };
  });
}

/** Rows are workers where the names say so and every row is another one. */
function isSurvey(
  { names, rows, contents }: Facts,
  { task, worker: guessed }: { task: number; worker: number },
  worker: number,
): boolean {
  if (worker < 0 || !isUnique(contents[worker]!, rows.length)) return false;
  const rest = [...names.keys()].filter(
    (column) => column !== worker && isCellLike(contents[column]!) && contents[column]!.filled > 0,
  );
  const [most = []] = vocabularies(rest, contents, names);
  if (most.length < 2) return false;
  if (task >= 0 && task !== worker && !most.includes(task) && isUnique(contents[task]!, rows.length)) return false;
  const rowsAreWorkers = surely.has(plain(names[worker]!)) || namesWorkers(contents[worker]!);
  return (
    rowsAreWorkers ||
    guessed === worker ||
    most.filter((column) => looksLikeQuestion(names[column]!)).length > most.length / 2
  );
}

/** Who answered: a column with a name of people, else of addresses, with a value of its own in each row. */
function workerColumn(
  names: readonly string[],
  contents: Facts['contents'],
  rows: number,
  guessed: number,
  loose: boolean,
): number {
  const own = (column: number): boolean =>
    contents[column]!.filled > 0 &&
    (isUnique(contents[column]!, rows) || (loose && contents[column]!.filled > rows / 2));
  const unique = (column: number): boolean => isUnique(contents[column]!, rows);
  for (const name of people) {
    const column = names.findIndex((one) => plain(one) === name);
    if (column >= 0 && unique(column)) return column;
  }
  const addresses = [...names.keys()].find(
    (column) =>
      contents[column]!.filled === rows &&
      rows > 0 &&
      [...contents[column]!.values.keys()].every((text) => /^\S+@\S+\.\S+$/.test(text)),
  );
  if (addresses !== undefined) return addresses;
  const spoken = [...names.keys()].find(
    (column) => isNamed(names[column]!, workerWords) && !hasWord(names[column]!, aboutAnswers) && own(column),
  );
  if (spoken !== undefined) return spoken;
  if (guessed >= 0 && unique(guessed)) return guessed;
  if (rows > 1 && unique(0) && namesWorkers(contents[0]!)) return 0;
  const name = names.findIndex((one) => ['name', 'yourname', 'fullname', 'nickname'].includes(plain(one)));
  return name >= 0 && unique(name) ? name : -1;
}

function timeColumn(names: readonly string[]): number {
  const wanted = ['recordeddate', 'enddate', 'submitdate', 'completiontime', 'submissiontime', 'datemodified'];
  for (const name of wanted) {
    const column = names.findIndex((one) => plain(one) === name);
    if (column >= 0) return column;
  }
  return names.findIndex(
    (name) =>
      usualRoleOf(name) === 'time' ||
      (plain(name) !== '' && toolNames.has(plain(name)) && names.indexOf(name) === 0 && !people.has(plain(name))),
  );
}

/** Of several columns of one question, SurveyMonkey names the first alone, and the line below says what each is. */
function unnamed({ names, rows }: Facts, column: number): string {
  let named = column;
  while (named > 0 && names[named] === '') named--;
  const below = rows[0]?.[column] ?? '';
  return [names[named], below || String(column + 1)].filter(Boolean).join(': ');
}

function severalGroups(facts: Facts, groups: readonly (readonly number[])[]): Unclear {
  const listed = (group: readonly number[]): string => group.map((column) => nameOf(facts.names, column)).join(' | ');
  const flag = (group: readonly number[]): string =>
    columnsFlag(group.map((column) => `task=${nameOf(facts.names, column)}`));
  return {
    expected: 'questions with the same answers, which are the tasks',
    got: `${groups.length} groups of them: ${groups.slice(0, 3).map(listed).join('; ')}`,
    fix: `Say which are the tasks: ${flag(groups[0]!)}`,
  };
}
