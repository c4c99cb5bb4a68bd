// The error of an attempt that was entered again and does not do what it did: what differs, and both values.
import { RepriseError } from '../../base/error.ts';
import { shortText } from '../../base/short-text.ts';
import { oneLine } from '../../base/visible-text.ts';
import type { Value } from '../../base/value.ts';
import { failureText } from '../../diff/compare/failure-text.ts';
import { firstDifference } from '../../diff/value/value-difference.ts';
import type { ValueDifference } from '../../diff/value/value-difference.ts';
import { addressText, fullAddressText } from '../../journal/address.ts';
import type { AttemptResult, EffectRef } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';

/** What the attempt does now: it asks for something else, or ends. */
export type DoneInstead = { readonly asked: EffectRef } | { readonly result: AttemptResult };

export function resumeDiverged(at: AttemptKey, journaled: AttemptIndex, instead: DoneInstead): RepriseError {
  const asked = 'asked' in instead ? instead.asked : undefined;
  const doubt = journaled.unaskedDoubt;
  if (journaled.isUsedUp && doubt !== undefined) return doubtLeft(at, doubt, instead);
  const recorded = (asked === undefined ? undefined : journaled.unusedLike(asked)) ?? journaled.unused;
  const named = (ref: EffectRef): string => addressText(at, ref, journaled.effects);
  const difference = asked === undefined || recorded === undefined ? undefined : between(recorded, asked);
  const before = recorded === undefined ? 'more' : named(recorded);
  const now = 'asked' in instead ? `asks for ${named(instead.asked)} instead` : endText(instead.result);
  const values = difference === undefined ? requestText(recorded, asked) : differenceText(difference);
  return new RepriseError(
    'resume-diverged',
    `attempt ${at} asked for ${before} before it was interrupted, and now ${now}${values}`,
    {
      nextStep: nextStepText(journaled, named, asked),
      fields: {
        at,
        recorded: recorded?.request,
        asked: asked?.request,
        ...(difference === undefined ? {} : { path: difference.path }),
      },
    },
  );
}

/** Nobody knows whether it happened, so what the code does now may do its work a second time. */
function doubtLeft(at: AttemptKey, doubt: EffectRef, instead: DoneInstead): RepriseError {
  const asked = 'asked' in instead ? instead.asked : undefined;
  const named = (ref: EffectRef): string => fullAddressText(at, ref);
  const address = named(doubt);
  const difference = asked === undefined ? undefined : between(doubt, asked);
  const now =
    asked === undefined ? endText((instead as { result: AttemptResult }).result) : `asks for ${named(asked)} instead`;
  const values = difference === undefined ? '' : differenceText(difference);
  const forced = asked === undefined ? 'it is passed over' : `${named(asked)} is performed`;
  return new RepriseError(
    'resume-diverged',
    `attempt ${at} had begun ${address} when it was interrupted, so nobody knows whether that happened, and now ${now}${values}`,
    {
      nextStep: `Resume it with the code that began it, which asks for ${address} again: its policy counts, or your decision (\`--decide '${address}=…'\`). With \`force\`, ${forced}, though ${address} may have happened.`,
      fields: {
        at,
        inDoubt: address,
        recorded: doubt.request,
        asked: asked?.request,
        ...(difference === undefined ? {} : { path: difference.path }),
      },
    },
  );
}

/** `force` accepts all that the code does now, so it is said what that is: an effect by another name is another effect. */
function nextStepText(
  journaled: AttemptIndex,
  named: (ref: EffectRef) => string,
  asked: EffectRef | undefined,
): string {
  const own = 'Resume it with the code that began it';
  if (asked === undefined) return `${own}, or accept what it does now with \`force\`.`;
  const once = journaled.effects.find((effect) => effect.once === true && !journaled.isUsed(effect));
  return once === undefined
    ? `${own}, or accept what it does now with \`force\`: ${named(asked)} is performed then.`
    : `${own}. ${named(once)}, which is marked \`once\`, was performed before. With \`force\`, ${named(asked)} is performed in its place if it may happen twice; if it must not, the code has to ask for the other one as well.`;
}

/** The attempt reads a body that it had not begun to read before it did other things: only the head is known. */
export function bodyLost(at: AttemptKey, journaled: AttemptIndex, ref: EffectRef): RepriseError | undefined {
  if (journaled.began(ref)?.outcome === undefined) return undefined;
  const address = addressText(at, ref, journaled.effects);
  return new RepriseError(
    'resume-diverged',
    `attempt ${at} reads the body of the answer to ${address}, which had not been read when it was interrupted`,
    { nextStep: 'Resume it with `force`: that asks for the answer again.', fields: { at, request: ref.request } },
  );
}

function between(recorded: EffectRef, asked: EffectRef): ValueDifference | undefined {
  if (recorded.type !== asked.type || recorded.name !== asked.name) return undefined;
  return (
    firstDifference(recorded.request, asked.request, 'request') ?? firstDifference(recorded.label, asked.label, 'key')
  );
}

function endText(result: AttemptResult): string {
  return result.status === 'done' ? 'ended without it' : `failed without it: ${oneLine(failureText(result.error))}`;
}

function requestText(recorded: EffectRef | undefined, asked: EffectRef | undefined): string {
  if (recorded === undefined) return '';
  const was = `; its request was ${valueText(recorded.request)}`;
  return asked === undefined ? was : `${was}, and that of the other is ${valueText(asked.request)}`;
}

function differenceText({ path, recorded, replayed }: ValueDifference): string {
  if (typeof recorded === 'string' && typeof replayed === 'string') {
    const start = startOfDifference(recorded, replayed);
    return `; ${path} was ${textFrom(recorded, start)} and is ${textFrom(replayed, start)}`;
  }
  return `; ${path} was ${valueText(recorded)} and is ${valueText(replayed)}`;
}

function valueText(value: Value): string {
  return value === undefined ? 'absent' : oneLine(shortText(value));
}

/** How much of two texts stands before their first difference. */
const shownBefore = 20;

/** Long texts are shown from a little before the place where they differ. */
function startOfDifference(left: string, right: string): number {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  return same <= 2 * shownBefore ? 0 : same - shownBefore;
}

function textFrom(text: string, start: number): string {
  return oneLine(start === 0 ? shortText(text) : `…${shortText(text.slice(start))}`);
}
