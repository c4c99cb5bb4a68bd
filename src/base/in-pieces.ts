// Work over many items that stops now and then, so that who does it can let the rest of the process have its turn.

/** What work yields after a piece of it: one that took as long as a turn may is `large`. */
export type Piece = 'large' | undefined;

/** So many items take well under a millisecond. */
const itemsAPiece = 128;

/** Does something with each item in turn, and yields after every so many of them. */
export function* inPieces<Item>(
  items: readonly Item[],
  act: (item: Item, place: number) => void,
): Generator<undefined, void> {
  for (let place = 0; place < items.length; place += 1) {
    if (place % itemsAPiece === itemsAPiece - 1) yield;
    act(items[place] as Item, place);
  }
}

/** What each item gives, in order. */
export function* mapInPieces<Item, Result>(
  items: readonly Item[],
  make: (item: Item, place: number) => Result,
): Generator<undefined, Result[]> {
  const made: Result[] = [];
  yield* inPieces(items, (item, place) => made.push(make(item, place)));
  return made;
}

/** So many are sorted at once. */
const sortedAPiece = 512;

/** In order. Those that are alike stay in theirs. */
export function* sortInPieces<Item>(
  items: readonly Item[],
  compare: (left: Item, right: Item) => number,
): Generator<undefined, Item[]> {
  let rows: Item[][] = [];
  for (let from = 0; from < items.length; from += sortedAPiece) {
    if (from > 0) yield;
    rows.push(items.slice(from, from + sortedAPiece).sort(compare));
  }
  while (rows.length > 1) {
    const merged: Item[][] = [];
    for (let place = 0; place < rows.length; place += 2)
      merged.push(yield* mergeInPieces(rows[place] as Item[], rows[place + 1] ?? [], compare));
    rows = merged;
  }
  return rows[0] ?? [];
}

function* mergeInPieces<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (left: Item, right: Item) => number,
): Generator<undefined, Item[]> {
  const merged: Item[] = [];
  let [first, second] = [0, 0];
  while (first < left.length && second < right.length) {
    if (compare(left[first] as Item, right[second] as Item) <= 0) {
      merged.push(left[first] as Item);
      first += 1;
    } else {
      merged.push(right[second] as Item);
      second += 1;
    }
    if (merged.length % sortedAPiece === 0) yield;
  }
  for (; first < left.length; first += 1) merged.push(left[first] as Item);
  for (; second < right.length; second += 1) merged.push(right[second] as Item);
  return merged;
}

/** Who does such work: all of it at once, or as much in a turn as it has time for. */
export type Worker = <Result>(work: Generator<Piece, Result>) => Result | Promise<Result>;

/** No work: only a place at which the rest of the process may have its turn. */
export function* aPiece(): Generator<undefined, void> {
  yield;
}

/** Does all of it at once. */
export function atOnce<Result>(work: Generator<Piece, Result>): Result {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
  }
}
