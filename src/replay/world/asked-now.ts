// What code asks for that was not recorded, where the fixture becomes what this replay is.
import type { EffectRef } from '../../journal/entry.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { Answer, AnsweredBefore } from '../../port/world.ts';
import type { Adopting } from './fixture-world-options.ts';

export interface Asking {
  readonly adopts: Adopting;
  readonly quiet: Quiet;
  /** Its task need not come to anything: the step may fail before, as it did when it was recorded. */
  readonly isUncertain: boolean;
  /** Takes note that it is missing. */
  readonly refuse: () => Error;
  /** It holds a mark of what was redacted. The note that is taken of it says so. */
  readonly isMarked: () => boolean;
}

/** Undefined if it is refused at once. */
export function askedNow({ type }: EffectRef, asking: Asking): Answer | undefined {
  if (type === 'now' || type === 'sleep') return { kind: 'perform' };
  const { adopts, quiet, isUncertain } = asking;
  const isAsked = adopts.asksOutside && (type === 'call' || type === 'http') && !asking.isMarked();
  if (isUncertain) return askedAtRest(isAsked, asking);
  return isAsked ? { kind: 'perform', over: held(quiet) } : undefined;
}

/** Once all is quiet, as what happens until then may make it needless. */
export function askedAtRest(isAsked: boolean, { quiet, refuse }: Pick<Asking, 'quiet' | 'refuse'>): Answer {
  let release: (() => void) | undefined;
  return {
    kind: 'perform',
    over: () => release?.(),
    hold: (_ref, begin) => {
      const go = (): void => {
        if (!isAsked) {
          begin(failedWith(refuse()));
          return;
        }
        release = held(quiet);
        begin();
      };
      return quiet.when({ rank: 'timer', due: Number.MAX_SAFE_INTEGER, go });
    },
  };
}

/** Until it has its answer, nothing is quiet. */
function held(quiet: Quiet): () => void {
  let release: (() => void) | undefined = quiet.hold();
  return () => {
    release?.();
    release = undefined;
  };
}

function failedWith(error: Error): AnsweredBefore {
  return { kind: 'answered', outcome: { kind: 'error', error } };
}
