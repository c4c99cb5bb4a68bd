import type { Piece } from '../base/in-pieces.ts';
import type { EventLoop } from './event-loop.ts';

/** Does work that comes in pieces, as many in a turn of the event loop as it has time for. */
export async function inTurns<Result>(
  loop: Pick<EventLoop, 'isTurnOver' | 'inLaterTurn'>,
  work: Generator<Piece, Result>,
): Promise<Result> {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
    if (piece.value === 'large' || loop.isTurnOver()) await new Promise<void>((resolve) => loop.inLaterTurn(resolve));
  }
}
