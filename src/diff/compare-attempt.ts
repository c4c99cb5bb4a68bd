// Compares one attempt with its partner: what it asked for, what it reported, how it ended.
import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import { effectIdentity } from '../journal/effect-identity.ts';
import type { AttemptResult, EffectEntry, EffectRef, EventEntry } from '../journal/entry.ts';
import { errorIdentity } from '../journal/error-identity.ts';
import type { Divergence, DivergenceKind } from './divergence.ts';
import { firstDifference } from './value-difference.ts';

/** What is needed of an attempt on either side. */
export interface AttemptView {
  readonly effects: readonly (EffectEntry | EffectRef)[];
  readonly events: readonly EventEntry[];
  readonly result: AttemptResult | undefined;
}

/** A divergence without its place: the caller knows that. */
export type Found = Pick<Divergence, 'kind' | 'path' | 'recorded' | 'replayed'> & { readonly detail?: string };

export function compareEffects(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  const left = byKey(recorded.effects);
  const right = byKey(replayed.effects);
  const found: Found[] = [];
  for (const [key, effect] of left) {
    const partner = right.get(key);
    if (partner !== undefined && 'outcome' in effect && 'outcome' in partner)
      found.push(...answerDifference(effect, partner));
  }
  const unused = [...left].filter(([key]) => !right.has(key)).map(([, effect]) => effect);
  const missing = [...right].filter(([key]) => !left.has(key)).map(([, effect]) => effect);
  for (const asked of missing) {
    const nearest = takeNearest(unused, asked);
    found.push(nearest === undefined ? missingEffect(asked) : requestDifference(nearest, asked));
  }
  return [...found, ...unused.map(unusedEffect)];
}

function byKey<Effect extends EffectRef>(effects: readonly Effect[]): ReadonlyMap<string, Effect> {
  return new Map(effects.map((effect) => [`${effectIdentity(effect)} ${effect.occurrence}`, effect]));
}

function answerDifference(recorded: EffectEntry, replayed: EffectEntry): readonly Found[] {
  const difference = firstDifference(outcomeValue(recorded), outcomeValue(replayed), 'answer');
  return difference === undefined ? [] : [{ kind: 'answer', ...difference, detail: describeEffect(recorded) }];
}

function outcomeValue({ outcome }: EffectEntry): Value {
  return outcome.kind === 'value' ? outcome.value : errorIdentity(outcome.error);
}

/** Of the recorded effects that nobody asked for: the one of this type and name whose request is most like this one. */
function takeNearest(unused: EffectRef[], asked: EffectRef): EffectRef | undefined {
  let best: { readonly place: number; readonly likeness: number } | undefined;
  for (const [place, candidate] of unused.entries()) {
    if (candidate.type !== asked.type || candidate.name !== asked.name) continue;
    const likeness = likenessOf(candidate.request, asked.request);
    if (best === undefined || likeness > best.likeness) best = { place, likeness };
  }
  return best === undefined ? undefined : unused.splice(best.place, 1)[0];
}

/** How many of the top two levels' fields are the same: enough to tell which request was meant. */
function likenessOf(recorded: Value, replayed: Value, depth = 0): number {
  if (sameValue(recorded, replayed)) return 4 ** (2 - depth);
  const areRecords =
    typeof recorded === 'object' && recorded !== null && typeof replayed === 'object' && replayed !== null;
  if (!areRecords || depth === 2) return 0;
  const left = recorded as { readonly [key: string]: Value };
  const right = replayed as { readonly [key: string]: Value };
  return Object.keys(left).reduce(
    (sum, key) => (Object.hasOwn(right, key) ? sum + likenessOf(left[key], right[key], depth + 1) : sum),
    0,
  );
}

function requestDifference(recorded: EffectRef, replayed: EffectRef): Found {
  const difference = firstDifference(recorded.request, replayed.request, 'request') ?? {
    path: 'request',
    recorded: recorded.occurrence,
    replayed: replayed.occurrence,
  };
  return { kind: 'request', ...difference, detail: describeEffect(replayed) };
}

function missingEffect(asked: EffectRef): Found {
  return {
    kind: 'missing effect',
    path: 'request',
    recorded: undefined,
    replayed: asked.request,
    detail: describeEffect(asked),
  };
}

function unusedEffect(effect: EffectRef): Found {
  return {
    kind: 'unused effect',
    path: 'request',
    recorded: effect.request,
    replayed: undefined,
    detail: describeEffect(effect),
  };
}

export function describeEffect({ type, name, request }: EffectRef): string {
  if (type !== 'http') return name === '' ? type : `${type === 'call' ? 'effect' : type} "${name}"`;
  const { method, path } = (typeof request === 'object' && request !== null ? request : {}) as {
    method?: Value;
    path?: Value;
  };
  return `${String(method)} ${String(path)}`;
}

export function compareEvents(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  const left = recorded.events.map(eventValue);
  const right = replayed.events.map(eventValue);
  const difference = firstDifference(left, right, 'events');
  return difference === undefined ? [] : [{ kind: 'event', ...difference }];
}

function eventValue({ name, stream, ordinal, data }: EventEntry): Value {
  return { name, stream, ordinal, data };
}

export function compareResults(
  recorded: AttemptResult | undefined,
  replayed: AttemptResult | undefined,
): readonly Found[] {
  if (recorded === undefined || replayed === undefined || recorded.status !== replayed.status) {
    if (recorded === replayed) return [];
    return [{ kind: 'error', path: 'result', recorded: resultValue(recorded), replayed: resultValue(replayed) }];
  }
  if (recorded.status !== 'done' || replayed.status !== 'done') {
    const left = (recorded as { readonly error: Value }).error;
    const right = (replayed as { readonly error: Value }).error;
    return differenceOf('error', errorIdentity(left), errorIdentity(right), 'error');
  }
  return [
    ...differenceOf('output', recorded.delta, replayed.delta, 'delta'),
    ...differenceOf('route', recorded.routes as unknown as Value, replayed.routes as unknown as Value, 'route'),
  ];
}

export function differenceOf(kind: DivergenceKind, recorded: Value, replayed: Value, path: string): readonly Found[] {
  const difference = firstDifference(recorded, replayed, path);
  return difference === undefined ? [] : [{ kind, ...difference }];
}

/** How an attempt ended, short: the text of a failure says more than the fields of it. */
function resultValue(result: AttemptResult | undefined): Value {
  if (result === undefined) return 'did not end';
  if (result.status === 'done') return 'done';
  const { name, message } = result.error as Error;
  return `${result.status}: ${name}: ${message}`;
}
