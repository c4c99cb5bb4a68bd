// The states of one effect, and the entry that says it has begun.
import type { Moves } from '../../../base/assert.ts';
import type { BeginEntry, EffectRef, OutcomeFacts } from '../../../journal/entry.ts';
import type { Answer } from '../../../port/world.ts';
import type { RunPace } from '../../run/run-pace.ts';

export type EffectState = 'asked' | 'held' | 'in doubt' | 'performing' | 'arriving' | 'over';

export const effectMoves: Moves<EffectState> = {
  asked: ['held', 'in doubt', 'performing', 'arriving', 'over'],
  held: ['in doubt', 'performing', 'arriving', 'over'],
  'in doubt': ['performing', 'arriving', 'over'],
  performing: ['in doubt', 'arriving', 'over'],
  arriving: ['over'],
  over: [],
};

/** It may still be performed, or performed again. */
export function isUndecided(state: EffectState): boolean {
  return state === 'asked' || state === 'held' || state === 'in doubt';
}

export function beginOf(
  ref: EffectRef,
  { at, node, time }: Pick<BeginEntry, 'at' | 'node'> & { readonly time: number },
  isOnce: boolean,
  observed: Omit<BeginEntry['observed'], 'time'>,
): BeginEntry {
  return {
    kind: 'begin',
    at,
    node,
    ...ref,
    ...(isOnce ? { once: true } : {}),
    observed: { time, ...observed },
  };
}

/** What is observed about an effect besides its outcome. */
export interface EffectFacts extends OutcomeFacts {
  readonly began?: number;
  /** The message that is its answer. */
  readonly message?: number;
}

/** Holds an effect back until what was recorded has happened. */
export const untilFollowed: Hold = (_ref, begin) => {
  begin();
  return () => undefined;
};

/** Holds an effect back until the rest of the process has had its turn. */
export function untilLaterTurn(pace: RunPace): Hold {
  return (_ref, begin) => {
    pace.inLaterTurn(begin);
    return () => undefined;
  };
}

export type Hold = NonNullable<(Answer & { readonly kind: 'perform' })['hold']>;

export const atOnce = (give: () => void): void => give();

const settled = Promise.resolve();

/** As `queueMicrotask`, for what never throws: Node makes an object with hooks around it for each call of that. */
export function inMicrotask(callback: () => void): void {
  void settled.then(callback);
}
