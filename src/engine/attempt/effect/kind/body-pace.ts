import type { AskedIn } from '../../../../journal/step/asked-in.ts';
import type { EffectOrder } from '../../../../journal/entry.ts';
import type { BodyPace } from '../../../../port/attempt.ts';
import type { RunOrder } from '../../../run/order/run-order.ts';
import { itsTurn } from '../../../run/run-parts.ts';
import type { About, RunParts } from '../../../run/run-parts.ts';

/**
 * When the parts of a recorded body are given, one after another: at their places, where something came in between.
 * `readPast`: the error for a client that reads beyond them; undefined if it has to wait.
 */
export function bodyPace(
  { followed, quiet }: RunOrder,
  order: EffectOrder | undefined,
  readPast: () => Error | undefined,
): BodyPace {
  const places = placesOf(order?.parts ?? []);
  let withdraw: (() => void) | undefined;
  return {
    next(isTaken) {
      const { value } = places.next();
      if (value === undefined && isTaken()) return undefined;
      return new Promise((resolve) => {
        const turn = value?.isFirst === true ? 'later' : 'same';
        withdraw =
          value === undefined
            ? followed.whenReady(isTaken, resolve)
            : followed.follow(value.place, turn, resolve, isTaken);
      });
    },
    past(fail) {
      const go = (): void => {
        const error = readPast();
        if (error !== undefined) fail(error);
      };
      // What stops it may be something that nobody sees.
      withdraw = quiet.when({ rank: 'unmet', due: Number.POSITIVE_INFINITY, go });
    },
    leave() {
      withdraw?.();
      for (const { place } of places) followed.happened(place);
    },
  };
}

/** The same where the order is controlled: each part comes when its turn comes. */
export function controlledPace(parts: RunParts, effect: Placed, { readPast, waitsPast }: Beyond): BodyPace {
  const { past: passed, leave } = bodyPace(parts.order, undefined, readPast);
  const past: BodyPace['past'] = (fail) => {
    waitsPast();
    passed(fail);
  };
  let place = 0;
  const next = (): Promise<void> | undefined => {
    const turn = itsTurn(parts, 'part', effect.own.at, { effect: effect.effect, place });
    place += 1;
    return turn;
  };
  return { next, past, leave };
}

/** Nothing more was recorded. */
interface Beyond {
  /** The error for a client that reads on; undefined if it has to wait. */
  readonly readPast: () => Error | undefined;
  /** It does, or waits for an answer that never came. */
  readonly waitsPast: () => void;
}

interface Placed extends About {
  readonly own: AskedIn;
}

/** `isFirst`: the first of a run. Those that follow it may have come in the same turn. */
function* placesOf(
  parts: NonNullable<EffectOrder['parts']>,
): Generator<{ readonly place: number; readonly isFirst: boolean }, undefined> {
  for (const [first, count] of parts)
    for (let index = 0; index < count; index += 1) yield { place: first + index, isFirst: index === 0 };
}
