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

/** Who does such work: all of it at once, or as much in a turn as it has time for. */
export type Worker = <Result>(work: Generator<Piece, Result>) => Result | Promise<Result>;

/** Does all of it at once. */
export function atOnce<Result>(work: Generator<Piece, Result>): Result {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
  }
}
