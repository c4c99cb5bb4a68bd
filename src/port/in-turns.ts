import type { Piece } from '../base/in-pieces.ts';
import type { EventLoop } from './event-loop.ts';
import type { Later } from './store.ts';

export type Turns = Pick<EventLoop, 'isTurnOver' | 'inLaterTurn'>;

/** Does work that comes in pieces, as many in a turn of the event loop as it has time for. */
export async function inTurns<Result>(loop: Turns, work: Generator<Piece, Result>): Promise<Result> {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
    if (piece.value === 'large' || loop.isTurnOver('pieces'))
      await new Promise<void>((resolve) => loop.inLaterTurn(resolve));
  }
}

/** The same. What fits into the turn is done when it returns. */
export function inThisTurnOrLater<Result>(loop: Turns, work: Generator<Piece, Result>): Later<Result> {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
    if (piece.value === 'large' || loop.isTurnOver('pieces'))
      return new Promise<void>((resolve) => loop.inLaterTurn(resolve)).then(() => inTurns(loop, work));
  }
}
