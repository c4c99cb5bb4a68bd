// Compares an attempt with its partner: what it requested, what it reported, and how it ended.
import { compareCodeUnits } from '../base/compare.ts';
import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import { addressesOf, formatAddress } from '../journal/address.ts';
import { effectIdentity } from '../journal/effect-identity.ts';
import type { AttemptResult, EffectEntry, EffectRef, EventEntry, TaskEntry } from '../journal/entry.ts';
import { sameEntry } from '../journal/entry-identity.ts';
import { errorIdentity } from '../journal/error-identity.ts';
import type { AttemptKey } from '../journal/key.ts';
import type { LostBranches } from '../journal/race.ts';
import { inAskedOrder, nearestRequest } from '../journal/nearest-request.ts';
import { isRecordValue, ownField } from '../journal/record-value.ts';
import type { DivergenceKind, Found } from './divergence.ts';
import { errorText, failureText } from './failure-text.ts';
import { firstDifference, keyPath } from './value-difference.ts';

/** What a comparison needs to know about an attempt. */
export interface AttemptView {
  readonly effects: readonly (EffectEntry | EffectRef)[];
  /** Asked for in vain by branches that lost their race. */
  readonly unanswered: readonly EffectRef[];
  /** How far such a branch came is no difference. */
  readonly lost: LostBranches;
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

/** A difference, and the effect it concerns. */
interface EffectFound {
  readonly found: Found;
  readonly effect: EffectRef;
  readonly side: 'recorded' | 'replayed';
}

/** `at` is the recorded attempt: the effects of both sides are addressed under it. */
export function compareEffects(at: AttemptKey, recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  if (isSameAsking(recorded, replayed)) return [];
  const left = byKey(recorded.effects);
  const right = byKey(replayed.effects);
  const found: EffectFound[] = [];
  for (const [key, effect] of left) {
    const partner = right.get(key);
    if (partner !== undefined && 'outcome' in effect && 'outcome' in partner && !recorded.lost.has(effect.task))
      found.push(...answerDifference(effect, partner));
  }
  for (const effect of replayed.readPast) found.push(readPast(left.get(keyOf(effect)) ?? effect));
  const unused = [...left].filter(([key]) => !right.has(key)).map(([, effect]) => effect);
  const missing = [...right]
    .filter(([key, effect]) => !left.has(key) && !isBeyond(replayed, effect))
    .map(([, effect]) => effect);
  const partners = new Map<string, EffectRef | undefined>();
  for (const asked of inAskedOrder<EffectRef>(missing)) {
    const identity = effectIdentity(asked);
    const isAgain = partners.has(identity);
    // A client tries a refused request again. That is one difference, and its tries stand for none of the later requests.
    const nearest = isAgain ? takeEqual(unused, partners.get(identity)) : takeNearest(unused, asked);
    if (!isAgain) partners.set(identity, nearest);
    if (nearest !== undefined) found.push(requestDifference(nearest, asked));
    else if (!isAgain || 'outcome' in asked) found.push(missingEffect(asked));
  }
  for (const asked of replayed.unanswered) {
    const nearest = takeNearest(unused, asked);
    if (nearest !== undefined) found.push(requestDifference(nearest, asked));
  }
  if (!recorded.isRestarted) found.push(...unused.filter((effect) => !isBeyond(recorded, effect)).map(unusedEffect));
  return withAddresses(at, found, recorded, replayed);
}

/** The usual case, for which no identity has to be found. */
function isSameAsking(recorded: AttemptView, replayed: AttemptView): boolean {
  if (replayed.readPast.length > 0 || replayed.unanswered.length > 0) return false;
  if (recorded.effects.length !== replayed.effects.length) return false;
  return recorded.effects.every((effect, place) => {
    const other = replayed.effects[place] as EffectEntry | EffectRef;
    return effect === other || ('outcome' in effect && 'outcome' in other && sameEntry(effect, other));
  });
}

/** A branch that lost its race got this in one run and not in the other. */
function isBeyond({ lost }: AttemptView, effect: EffectRef): boolean {
  return 'outcome' in effect && lost.has(effect.task);
}

/** A recorded effect gets its address in the recorded run; any other gets one that no recorded effect has. */
function withAddresses(
  at: AttemptKey,
  found: readonly EffectFound[],
  recorded: AttemptView,
  replayed: AttemptView,
): readonly Found[] {
  if (found.length === 0) return [];
  const ofRecorded = addressesOf<EffectRef>(at, recorded.effects);
  const ofBoth = addressesOf<EffectRef>(at, [...recorded.effects, ...replayed.effects]);
  return found.map(({ found: item, effect, side }) => {
    const address = (side === 'recorded' ? ofRecorded : ofBoth).get(effect);
    return address === undefined ? item : { ...item, address: formatAddress(address) };
  });
}

function byKey<Effect extends EffectRef>(effects: readonly Effect[]): ReadonlyMap<string, Effect> {
  return new Map(effects.map((effect) => [keyOf(effect), effect]));
}

function keyOf(effect: EffectRef): string {
  return `${effectIdentity(effect)} ${effect.occurrence}`;
}

function answerDifference(recorded: EffectEntry, replayed: EffectEntry): readonly EffectFound[] {
  const difference = firstDifference(outcomeValue(recorded), outcomeValue(replayed), 'answer');
  if (difference === undefined) return [];
  const found: Found = { kind: 'answer', ...difference, detail: describeEffect(recorded) };
  return [{ found, effect: recorded, side: 'recorded' }];
}

function outcomeValue({ outcome }: EffectEntry): Value {
  return outcome.kind === 'value' ? outcome.value : errorIdentity(outcome.error);
}

/** Takes, from the unused recorded effects of the same task, type and name, the one with the most similar request. */
function takeNearest(unused: EffectRef[], asked: EffectRef): EffectRef | undefined {
  const alike = unused.filter(
    ({ task, type, name, request }) =>
      task === asked.task &&
      type === asked.type &&
      name === asked.name &&
      (type !== 'http' || isSameExchange(request, asked.request)),
  );
  return takeFrom(unused, nearestRequest(alike, asked));
}

/** Another occurrence of the same request. */
function takeEqual(unused: EffectRef[], first: EffectRef | undefined): EffectRef | undefined {
  if (first === undefined) return undefined;
  const identity = effectIdentity(first);
  return takeFrom(
    unused,
    unused.find((candidate) => effectIdentity(candidate) === identity),
  );
}

function takeFrom(unused: EffectRef[], effect: EffectRef | undefined): EffectRef | undefined {
  if (effect !== undefined) unused.splice(unused.indexOf(effect), 1);
  return effect;
}

/** All exchanges have the same name. They have their path in common, or at least what they send. */
function isSameExchange(recorded: Value, replayed: Value): boolean {
  const [one, other] = [recorded, replayed].map((request) => (isRecordValue(request) ? request : {}));
  if (one?.path === other?.path) return true;
  return one?.body !== undefined && sameValue(one.body, other?.body);
}

function requestDifference(recorded: EffectRef, replayed: EffectRef): EffectFound {
  const difference = firstDifference(recorded.request, replayed.request, 'request') ??
    firstDifference(recorded.label, replayed.label, 'key') ?? {
      // The same request, but another of its occurrences.
      path: 'occurrence',
      recorded: recorded.occurrence,
      replayed: replayed.occurrence,
    };
  const found: Found = { kind: 'request', ...difference, detail: describeEffect(replayed) };
  return { found, effect: recorded, side: 'recorded' };
}

function missingEffect(effect: EffectRef): EffectFound {
  const sides = { recorded: undefined, replayed: effect.request };
  const found: Found = { kind: 'missing effect', path: 'request', ...sides, detail: describeEffect(effect) };
  return { found, effect, side: 'replayed' };
}

function readPast(effect: EffectRef): EffectFound {
  const detail = `${describeEffect(effect)}: the client stopped there when the run was recorded, and now reads on`;
  const found: Found = { kind: 'missing effect', path: 'answer', recorded: 'stopped', replayed: 'read on', detail };
  return { found, effect, side: 'recorded' };
}

function unusedEffect(effect: EffectRef): EffectFound {
  const sides = { recorded: effect.request, replayed: undefined };
  const found: Found = { kind: 'unused effect', path: 'request', ...sides, detail: describeEffect(effect) };
  return { found, effect, side: 'recorded' };
}

export function describeEffect({ type, name, request }: EffectRef): string {
  if (type !== 'http') return name === '' ? type : `${type === 'call' ? 'effect' : type} "${name}"`;
  const { method, path } = isRecordValue(request) ? request : {};
  return `${String(method)} ${String(path)}`;
}

export function compareEvents(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  if (recorded.isRestarted) return [];
  const left = recorded.events.map(eventValue);
  const right = replayed.events.map(eventValue);
  const difference = firstDifference(left, right, 'events');
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
