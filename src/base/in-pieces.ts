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

/** Does all of it at once. */
export function atOnce<Result>(work: Generator<Piece, Result>): Result {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
  }
}
