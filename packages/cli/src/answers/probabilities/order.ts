import type { CrowdAnswers } from '@quorate/consensus';

/** Which row is which task, and which column which class. */
export interface Order {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** For people. */
  readonly rowsAre: string;
  readonly columnsAre: string;
}

/**
 * Ways to read a matrix whose rows and columns have no names: tasks and classes sorted, as scikit-learn and cleanlab have them,
 * or as they first appear in the answers.
 *
 * @param classes Numbers of the classes of the columns, where the user said them; null where not.
 * @param byIds The rows are in the order of the answers already, by ids of the file.
 */
export function readings(
  { taskIds, classes: names }: CrowdAnswers,
  classes: readonly number[] | null,
  byIds: boolean,
): readonly Order[] {
  const places = (list: readonly unknown[]): number[] => Array.from(list.keys());
  const sorted = (list: readonly unknown[]): number[] => {
    const texts = list.map(String);
    const numeric = texts.every((text) => text.trim() !== '' && Number.isFinite(Number(text)));
    return places(list).sort((a, b) =>
      numeric ? Number(texts[a]) - Number(texts[b]) : texts[a]! < texts[b]! ? -1 : 1,
    );
  };
  const rows = distinct(
    byIds
      ? [[places(taskIds), 'by their ids']]
      : [
          [places(taskIds), 'in the order of the answers'],
          [sorted(taskIds), 'sorted'],
        ],
  );
  const columns =
    classes === null
      ? distinct([
          [sorted(names), 'sorted'],
          [places(names), 'in the order of the answers'],
        ])
      : distinct([[classes, 'as given']]);
  return columns.flatMap(([columnOrder, columnsAre]) =>
    rows.map(([rowOrder, rowsAre]): Order => ({ rows: rowOrder, columns: columnOrder, rowsAre, columnsAre })),
  );
}

function distinct(
  orders: readonly (readonly [readonly number[], string])[],
): readonly (readonly [readonly number[], string])[] {
  return orders.filter(([order], at) => orders.findIndex(([other]) => other.join() === order.join()) === at);
}

/** Standard errors by which one reading must be nearer to the answers than any other, to be taken for the right one. */
const CLEARLY = 5;

/**
 * The reading whose most probable classes are those that the answers name; null where no reading is clearly nearer to them than
 * all others. What the answers say is used for nothing else.
 *
 * @param probability Rows × columns of the file.
 */
export function clearReading(
  orders: readonly Order[],
  probability: Float32Array,
  { index }: CrowdAnswers,
): Order | null {
  const [only, ...others] = orders;
  if (only === undefined || others.length === 0) return only ?? null;
  const shares = orders.map((order) => agreement(order, probability, index));
  const best = shares.indexOf(Math.max(...shares));
  const second = Math.max(...shares.filter((_, at) => at !== best));
  const variance = (p: number): number => p * (1 - p);
  const error = Math.sqrt((variance(shares[best]!) + variance(second)) / index.count);
  return shares[best]! - second > CLEARLY * error ? orders[best]! : null;
}

/** Share of the answers that name the most probable class of their task. */
function agreement({ rows, columns }: Order, probability: Float32Array, index: CrowdAnswers['index']): number {
  const K = columns.length;
  const likeliest = new Int32Array(rows.length);
  rows.forEach((task, row) => {
    let best = 0;
    for (let c = 1; c < K; c++) if (probability[row * K + c]! > probability[row * K + best]!) best = c;
    likeliest[task] = columns[best]!;
  });
  let agreed = 0;
  for (let a = 0; a < index.count; a++) if (likeliest[index.item[a]!] === index.label[a]) agreed++;
  return agreed / index.count;
}
