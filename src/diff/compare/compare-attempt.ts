// Compares an attempt with its partner: what it reported, and how it ended.
import { compareCodeUnits } from '../../base/compare.ts';
import type { Value } from '../../base/value.ts';
import type { AttemptResult, EffectEntry, EffectRef, EventEntry, TaskEntry } from '../../journal/entry.ts';
import { errorIdentity } from '../../journal/error/error-identity.ts';
import { noneLost } from '../../journal/step/race.ts';
import type { LostBranches } from '../../journal/step/race.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import type { DivergenceKind, Found } from '../divergence.ts';
import { errorText, failureText } from './failure-text.ts';
import { differenceAndMore, firstDifference, keyPath } from '../value/value-difference.ts';

/** What a comparison needs to know about an attempt. */
export interface AttemptView {
  readonly effects: readonly (EffectEntry | EffectRef)[];
  /** Asked for in vain by branches that lost their race. */
  readonly unanswered: readonly EffectRef[];
  /** How far such a branch came is no difference. */
  readonly lost: LostBranches;
  /** Those that were not recorded, and got the answer to the recorded one that is most like them. */
  readonly answered: ReadonlySet<EffectRef>;
  /** What it failed over, if a later attempt got it. */
  readonly doubted?: EffectEntry | undefined;
  /** Its step failed at a lower rank, so it is not known what else it did. */
  readonly isCut: boolean;
  /** Those whose answers were read beyond what was recorded of them. */
  readonly readPast: readonly EffectRef[];
  readonly chunks: readonly Value[];
  readonly events: readonly EventEntry[];
  readonly tasks: readonly TaskEntry[];
  readonly result: AttemptResult | undefined;
  /** It was resumed after chunks it had already yielded, so it does not repeat its earlier effects and events. */
  readonly isRestarted: boolean;
  readonly hasInner: boolean;
  /** The frames of the error that it failed with. */
  readonly stack: string | undefined;
}

/** Nothing is known of the attempt. */
export const noView: AttemptView = {
  effects: [],
  unanswered: [],
  answered: new Set(),
  isCut: false,
  lost: noneLost,
  readPast: [],
  chunks: [],
  events: [],
  tasks: [],
  result: undefined,
  isRestarted: false,
  hasInner: false,
  stack: undefined,
};

export function compareEvents(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  if (recorded.isRestarted) return [];
  const left = recorded.events.map(eventValue);
  const right = replayed.events.map(eventValue);
  const difference = differenceAndMore(left, right, 'events');
  return difference === undefined ? [] : [{ kind: 'event', ...difference }];
}

function eventValue({ name, stream, ordinal, task, data }: EventEntry): Value {
  return { name, stream, ordinal, data, ...(task === undefined ? {} : { task }) };
}

/** The first chunk that differs. A missing or additional chunk is present on one side only. */
export function compareChunks(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  return differenceOf('chunk', recorded.chunks as Value, replayed.chunks as Value, 'chunks');
}

export function compareResults(
  recorded: AttemptResult | undefined,
  replayed: AttemptResult | undefined,
  /** The frames of the replayed error. */
  stack?: string,
): readonly Found[] {
  const thrown = stack === undefined || stack === '' ? {} : { stack };
  if (recorded === undefined || replayed === undefined || recorded.status !== replayed.status) {
    if (recorded === replayed) return [];
    return [
      {
        kind: 'error',
        path: 'result',
        recorded: resultValue(recorded),
        replayed: resultValue(replayed, stack),
        ...thrown,
      },
    ];
  }
  if (recorded.status !== 'done' || replayed.status !== 'done') {
    const left = (recorded as { readonly error: Value }).error;
    const right = (replayed as { readonly error: Value }).error;
    return differenceOf('error', errorIdentity(left), errorIdentity(right), 'error').map((found) => ({
      ...found,
      ...thrown,
    }));
  }
  return [
    ...fieldDifferences('output', recorded.delta, replayed.delta, 'delta'),
    ...differenceOf('route', recorded.routes as unknown as Value, replayed.routes as unknown as Value, 'route'),
  ];
}

function differenceOf(kind: DivergenceKind, recorded: Value, replayed: Value, path: string): readonly Found[] {
  const difference = firstDifference(recorded, replayed, path);
  return difference === undefined ? [] : [{ kind, ...difference }];
}

/** The first difference in each field: fields are merged separately, so their consequences are separate. */
export function fieldDifferences(
  kind: DivergenceKind,
  recorded: Value,
  replayed: Value,
  path: string,
): readonly Found[] {
  if (!isRecordValue(recorded) || !isRecordValue(replayed)) return differenceOf(kind, recorded, replayed, path);
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort(compareCodeUnits);
  return names.flatMap((name) => {
    const below = path + keyPath(name);
    const left = ownField(recorded, name);
    const right = ownField(replayed, name);
    // A field set to `undefined` was written; an absent one was not.
    if (Object.hasOwn(recorded, name) !== Object.hasOwn(replayed, name))
      return [
        {
          kind,
          path: below,
          recorded: left,
          replayed: right,
          ...(left === right ? { detail: 'set to undefined' } : {}),
        },
      ];
    return differenceOf(kind, left, right, below);
  });
}

/** How an attempt ended, in short: the text of a failure says more than its fields. `stack`: where it failed is told apart. */
function resultValue(result: AttemptResult | undefined, stack?: string): Value {
  if (result === undefined) return 'did not end';
  if (result.status === 'done') return 'done';
  return `${result.status}: ${stack === undefined ? failureText(result.error) : errorText(result.error)}`;
}
