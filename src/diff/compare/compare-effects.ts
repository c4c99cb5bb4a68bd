// Compares what two attempts asked for, and what came of it.
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { addressesOf, formatAddress } from '../../journal/address.ts';
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import { sameEntry } from '../../journal/entry-identity.ts';
import { errorIdentity } from '../../journal/error/error-identity.ts';
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { inAskedOrder, nearestRequest } from '../../journal/step/nearest-request.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import type { AttemptView } from './compare-attempt.ts';
import type { Likened } from './comparing.ts';
import type { Found } from '../divergence.ts';
import { differenceAndMore, firstDifference } from '../value/value-difference.ts';

/** A difference, and the effect it concerns. */
interface EffectFound {
  readonly found: Found;
  readonly effect: EffectRef;
  readonly side: 'recorded' | 'replayed';
  /** What the other run has in its place. */
  readonly partner?: EffectRef;
}

/** A difference between what two attempts asked for or got. */
export interface EffectDifference {
  readonly found: Found;
  /** The recorded one, if there is one. */
  readonly effect: EffectRef;
  /** The node got something else, so that what it makes later may follow from it. */
  readonly isFelt: boolean;
  /** When it began or, of another answer, came in the replayed run. Only two recorded runs say so. */
  readonly time?: number | undefined;
}

/** `at` is the recorded attempt: the effects of both sides are addressed under it. */
export function compareEffects(
  at: AttemptKey,
  recorded: AttemptView,
  replayed: AttemptView,
  likened: Likened = (asked) => asked,
): readonly EffectDifference[] {
  if (isSameAsking(recorded, replayed)) return [];
  const left = byKey(recorded.effects);
  const right = keyedAs(left, byKey(replayed.effects));
  const found: EffectFound[] = [];
  for (const [key, effect] of left) {
    const partner = right.get(key);
    if (partner !== undefined && 'outcome' in effect && 'outcome' in partner && !recorded.lost.has(effect.task))
      found.push(...answerDifference(effect, partner), ...onceDifference(effect, partner));
  }
  for (const effect of replayed.readPast) {
    const known = left.get(keyOf(effect));
    const isLeft = known !== undefined && 'outcome' in known && isLeftOpen(known);
    found.push(isLeft ? waitingDifference(known, false) : readPast(known ?? effect));
  }
  const unused = [...left].filter(([key]) => !right.has(key)).map(([, effect]) => effect);
  const missing = [...right]
    .filter(([key, effect]) => !left.has(key) && !isBeyond(replayed, effect))
    .map(([, effect]) => effect);
  // What it failed over was asked for too, although it got no answer.
  const { doubted } = recorded;
  const isMet = doubted === undefined || sameValue(recorded.result as Value, replayed.result as Value);
  const unmet: EffectRef[] = isMet ? unused : [...unused, doubted];
  const partners = new Map<string, EffectRef | undefined>();
  for (const asked of inAskedOrder<EffectRef>(missing)) {
    const identity = effectIdentity(asked);
    const isAgain = partners.has(identity);
    // A client tries a refused request again. That is one difference, and its tries stand for none of the later requests.
    const nearest = isAgain ? takeEqual(unmet, partners.get(identity)) : takeNearest(unmet, likened(asked));
    if (!isAgain) partners.set(identity, nearest);
    if (nearest !== undefined) found.push(requestDifference(nearest, likened(asked, nearest), asked));
    else if (!isAgain || 'outcome' in asked) found.push(missingEffect(asked, likened(asked)));
  }
  for (const asked of replayed.unanswered) {
    const nearest = takeNearest(unmet, likened(asked));
    if (nearest !== undefined) found.push(requestDifference(nearest, likened(asked, nearest), asked));
  }
  if (!recorded.isRestarted && !replayed.isCut)
    found.push(...unmet.filter((effect) => effect !== doubted && !isBeyond(recorded, effect)).map(unusedEffect));
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
): readonly EffectDifference[] {
  if (found.length === 0) return [];
  const { doubted } = recorded;
  const known = doubted === undefined ? recorded.effects : [...recorded.effects, doubted];
  const ofRecorded = addressesOf<EffectRef>(at, known);
  const ofBoth = addressesOf<EffectRef>(at, [...known, ...replayed.effects]);
  return found.map((each) => {
    const { found: item, effect, side } = each;
    const address = (side === 'recorded' ? ofRecorded : ofBoth).get(effect);
    const addressed = address === undefined ? item : { ...item, address: formatAddress(address) };
    return { found: addressed, effect, isFelt: isFelt(each, replayed), time: timeOf(each) };
  });
}

/** Another request may have got the answer that was recorded. */
function isFelt({ found, effect, partner }: EffectFound, { answered }: AttemptView): boolean {
  if (found.kind !== 'request' || partner === undefined) return true;
  if (!('outcome' in partner)) return !answered.has(partner);
  return (
    !('outcome' in effect) ||
    firstDifference(outcomeValue(effect as EffectEntry), outcomeValue(partner as EffectEntry), '') !== undefined
  );
}

function timeOf({ found, effect, partner = effect }: EffectFound): number | undefined {
  if (!('observed' in partner)) return undefined;
  const { began, ended } = (partner as EffectEntry).observed;
  return found.kind === 'answer' ? ended : began;
}

function byKey<Effect extends EffectRef>(effects: readonly Effect[]): ReadonlyMap<string, Effect> {
  return new Map(effects.map((effect) => [keyOf(effect), effect]));
}

/** What was asked, by the keys of the requests that are the same but for what lies under redaction marks. */
function keyedAs<Left extends EffectRef, Right extends EffectRef>(
  left: ReadonlyMap<string, Left>,
  right: ReadonlyMap<string, Right>,
): ReadonlyMap<string, Right> {
  const free = [...right].filter(([key]) => !left.has(key));
  if (free.length === 0) return right;
  const keyed = new Map(right);
  for (const [key, effect] of left) {
    if (right.has(key)) continue;
    const place = free.findIndex(([, other]) => isSameBesideMarks(effect, other));
    const [own, other] = free[place] ?? [];
    if (own === undefined || other === undefined) continue;
    free.splice(place, 1);
    keyed.delete(own);
    keyed.set(key, other);
  }
  return keyed;
}

function isSameBesideMarks(one: EffectRef, other: EffectRef): boolean {
  const isAlike =
    one.type === other.type &&
    one.name === other.name &&
    one.task === other.task &&
    one.label === other.label &&
    one.occurrence === other.occurrence;
  return isAlike && firstDifference(one.request, other.request, '') === undefined;
}

function keyOf(effect: EffectRef): string {
  return `${effectIdentity(effect)} ${effect.occurrence}`;
}

function answerDifference(recorded: EffectEntry, replayed: EffectEntry): readonly EffectFound[] {
  const difference = differenceAndMore(...readAsJson(outcomeValue(recorded), outcomeValue(replayed)), 'answer');
  if (difference === undefined) return [];
  if (gotNothing(recorded) && gotNothing(replayed)) return [];
  if (mayBeUnread(recorded, replayed) || mayBeUnread(replayed, recorded)) return [];
  const unread = unreadDifference(recorded, replayed);
  if (unread !== undefined) return [unread];
  const found: Found = { kind: 'answer', ...difference, detail: describeEffect(recorded) };
  return [{ found, effect: recorded, side: 'recorded', partner: replayed }];
}

/** A client that gives up before an answer comes, and one that is left when its node ends, have both got none. */
function gotNothing({ type, outcome }: EffectEntry): boolean {
  if (type !== 'http' || outcome.kind !== 'value' || !isRecordValue(outcome.value)) return false;
  return 'ended' in outcome.value && Object.keys(outcome.value).length === 1;
}

/** A client that keeps a body until it is read does not tell whether it was; nothing was read of the other one. */
function mayBeUnread(kept: EffectEntry, unread: EffectEntry): boolean {
  return kept.observed.answer?.kept === true && hasHead(kept) && hasHead(unread) && unreadHow(unread) !== undefined;
}

/** Two bodies that are texts of JSON are compared by what they say, as those of requests are. */
function readAsJson(recorded: Value, replayed: Value): readonly [Value, Value] {
  const [left, right] = [jsonBodyOf(recorded), jsonBodyOf(replayed)];
  if (left === undefined || right === undefined) return [recorded, replayed];
  // Where only their spelling differs, the texts say so.
  if (sameValue(left, right)) return [recorded, replayed];
  return [
    { ...(recorded as RecordValue), body: left },
    { ...(replayed as RecordValue), body: right },
  ];
}

function jsonBodyOf(outcome: Value): Value {
  const body = isRecordValue(outcome) ? outcome.body : undefined;
  if (typeof body !== 'string' || !/^\s*[{[]/.test(body)) return undefined;
  try {
    return canonicalValue(JSON.parse(body), 'a body', { maxBytes: Number.POSITIVE_INFINITY });
  } catch {
    return undefined;
  }
}

/** What may happen again and what may not is a difference, though the same is asked for. */
function onceDifference(recorded: EffectEntry, replayed: EffectEntry): readonly EffectFound[] {
  if (recorded.once === replayed.once) return [];
  const sides = { recorded: recorded.once, replayed: replayed.once };
  const found: Found = { kind: 'request', path: 'once', ...sides, detail: describeEffect(recorded) };
  return [{ found, effect: recorded, side: 'recorded', partner: replayed }];
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

/** `replayed` is what was asked as it is shown beside the recorded request. */
function requestDifference(recorded: EffectRef, replayed: EffectRef, asked: EffectRef): EffectFound {
  const difference = differenceAndMore(recorded.request, replayed.request, 'request') ??
    firstDifference(recorded.label, replayed.label, 'key') ?? {
      // The same request, but another of its occurrences.
      path: 'occurrence',
      recorded: recorded.occurrence,
      replayed: replayed.occurrence,
    };
  const found: Found = { kind: 'request', ...difference, detail: describeEffect(replayed) };
  return { found, effect: recorded, side: 'recorded', partner: asked };
}

function missingEffect(effect: EffectRef, shown: EffectRef): EffectFound {
  const sides = { recorded: undefined, replayed: shown.request };
  const found: Found = { kind: 'missing effect', path: 'request', ...sides, detail: describeEffect(effect) };
  return { found, effect, side: 'replayed' };
}

function readPast(effect: EffectRef): EffectFound {
  const detail = `${describeEffect(effect)}: the client stopped there when the run was recorded, and now reads on`;
  const found: Found = { kind: 'missing effect', path: 'answer', recorded: 'stopped', replayed: 'read on', detail };
  return { found, effect, side: 'recorded' };
}

/** The node waits for its answer in only one of the runs. Which one that is makes it more or less than was recorded. */
function waitingDifference(effect: EffectRef, isLeftNow: boolean): EffectFound {
  const [waits, leaves] = ['waited for', 'left open'];
  const sides = isLeftNow ? { recorded: waits, replayed: leaves } : { recorded: leaves, replayed: waits };
  const kind = isLeftNow ? 'unused effect' : 'missing effect';
  return { found: { kind, path: 'answer', ...sides, detail: describeEffect(effect) }, effect, side: 'recorded' };
}

/** What became of an exchange matters only where the answer was got, or its body read, in one of the runs alone. */
function unreadDifference(recorded: EffectEntry, replayed: EffectEntry): EffectFound | undefined {
  const isLeftNow = isLeftOpen(replayed);
  if (!hasHead(recorded) || !hasHead(replayed))
    return isLeftOpen(recorded) === isLeftNow ? undefined : waitingDifference(recorded, isLeftNow);
  const [before, now] = [unreadHow(recorded), unreadHow(replayed)];
  if (before === now) return undefined;
  const found: Found = {
    kind: now === undefined || (now === 'stopped unread' && before !== undefined) ? 'missing effect' : 'unused effect',
    path: 'answer',
    recorded: before ?? 'read',
    replayed: now ?? 'read',
    detail: describeEffect(recorded),
  };
  return { found, effect: recorded, side: 'recorded' };
}

/** How an exchange ended of whose body nothing was read. */
function unreadHow(effect: EffectEntry): 'left open' | 'stopped unread' | undefined {
  if (isLeftOpen(effect)) return 'left open';
  const { type, outcome } = effect;
  if (type !== 'http' || outcome.kind !== 'value' || !isRecordValue(outcome.value)) return undefined;
  const { ended, body } = outcome.value;
  return ended === 'cancelled' && (body === '' || (body instanceof Uint8Array && body.byteLength === 0))
    ? 'stopped unread'
    : undefined;
}

function hasHead({ outcome }: EffectEntry): boolean {
  return outcome.kind === 'value' && isRecordValue(outcome.value) && 'status' in outcome.value;
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
