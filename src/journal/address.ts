// Addresses: how people, reports and links name one effect of a run.
//   <attempt>[><task>]:<type>:<name>[~<digest>][@<label>][:<occurrence>]
//   2.0#1:call:charge~d549d30@card:1        2.0#1>left#0:http:http        2.0#1!0:call:release
//   Owns:         the grammar, the shortest address of an effect, and which effect an address names.
//   Not its job:  what makes two effects the same (effect-identity), the keys of attempts (key).
//   A1. The effects of an attempt have distinct addresses, and each address finds its own effect.
//   A2. Nothing in an address counts effects that differ from the one it names. So an added effect may make an older
//       address ambiguous, but never makes it name another effect.
import { oneLine } from '../base/visible-text.ts';
import { effectIdentity, requestDigest } from './effect-identity.ts';
import { effectTypes } from './entry.ts';
import type { EffectRef, EffectType } from './entry.ts';
import { isAttemptKey } from './key.ts';
import type { AttemptKey } from './key.ts';

export interface EffectAddress {
  readonly at: AttemptKey;
  /** The path of the task inside the attempt; absent means outside of all tasks. */
  readonly task?: string;
  readonly type: EffectType;
  readonly name: string;
  /** The first digits of the request's digest; absent if all effects of this task, type and name have the same request. */
  readonly digest?: string;
  /** Absent means an effect without a label, not one with any label. */
  readonly label?: string;
  /** 0 for the first of equal effects; the text leaves it out. */
  readonly occurrence: number;
}

/** An effect and the attempt it belongs to. */
export type PlacedEffect = EffectRef & { readonly at: AttemptKey };

/** If two digests of an attempt share this many digits, their addresses get more. */
const digestLengthMin = 7;

/** Longer texts are not read: addresses come from command lines, links and files. */
export const addressLengthMax = 16_384;

const plainName = /^[A-Za-z0-9_.-]*$/;
/** The names of a path, and what holds them together. */
const plainPath = /^[A-Za-z0-9_.#[\]/%-]*$/;

export function formatAddress({ at, task, type, name, digest, label, occurrence }: EffectAddress): string {
  const inTask = task === undefined ? '' : `>${nameText(task, plainPath)}`;
  const asked = digest === undefined ? '' : `~${digest}`;
  const labelled = label === undefined ? '' : `@${nameText(label)}`;
  return `${at}${inTask}:${type}:${nameText(name)}${asked}${labelled}${occurrence === 0 ? '' : `:${occurrence}`}`;
}

/** A name that is not plain is written as JSON, with everything escaped that a terminal would obey. */
function nameText(name: string, plain = plainName): string {
  return plain.test(name) ? name : oneLine(JSON.stringify(name));
}

const nameShape = String.raw`[A-Za-z0-9_.-]*|"(?:[^"\\]|\\.)*"`;
const pathShape = String.raw`[A-Za-z0-9_.#[\]/%-]+|"(?:[^"\\]|\\.)+"`;
const addressShape = new RegExp(
  `^(?<at>[\\d.#/!]+)(?:>(?<pathSource>${pathShape}))?:(?<typeName>[a-z]+):(?<nameSource>${nameShape})(?:~(?<digest>[0-9a-f]{${digestLengthMin},64}))?` +
    `(?:@(?<labelSource>${nameShape}))?(?::(?<occurrence>[1-9]\\d{0,14}))?$`,
);

/** Reads an address, in which plain names may be JSON too. Returns undefined for any other text. */
export function parseAddress(text: string): EffectAddress | undefined {
  const parts = text.length > addressLengthMax ? undefined : addressShape.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { at = '', pathSource, typeName, nameSource = '', digest, labelSource, occurrence = '0' } = parts;
  const type = effectTypes.find((known) => known === typeName);
  if (type === undefined || !isAttemptKey(at)) return undefined;
  try {
    return {
      at,
      ...(pathSource === undefined ? {} : { task: nameOf(pathSource) }),
      type,
      name: nameOf(nameSource),
      ...(digest === undefined ? {} : { digest }),
      ...(labelSource === undefined ? {} : { label: nameOf(labelSource) }),
      occurrence: Number(occurrence),
    };
  } catch {
    // What looked like JSON is not.
    return undefined;
  }
}

/** @throws SyntaxError */
function nameOf(source: string): string {
  return source.startsWith('"') ? (JSON.parse(source) as string) : source;
}

/** The shortest address of each effect of one attempt. */
export function addressesOf<Effect extends EffectRef>(
  at: AttemptKey,
  effects: Iterable<Effect>,
): ReadonlyMap<Effect, EffectAddress> {
  const addresses = new Map<Effect, EffectAddress>();
  for (const alike of Map.groupBy(effects, ({ task, type, name }) => JSON.stringify([task, type, name])).values()) {
    const digests = alike.length === 1 ? undefined : shortDigests(alike);
    for (const effect of alike)
      addresses.set(effect, addressOf(at, effect, digests?.get(requestDigest(effect.request))));
  }
  return addresses;
}

/** The shortest address of one effect among the others of its attempt, as text. */
export function addressText(at: AttemptKey, effect: EffectRef, others: Iterable<EffectRef>): string {
  const alike = [...others].filter(
    ({ task, type, name }) => task === effect.task && type === effect.type && name === effect.name,
  );
  return formatAddress(addressesOf(at, [...alike, effect]).get(effect) as EffectAddress);
}

/**
 * An address that does not depend on other effects, as text: it always has the digest. Use it while the other effects
 * are not known, and in any text that is journaled: the shortest address would depend on which effects had been asked
 * for by then.
 */
export function fullAddressText(at: AttemptKey, effect: EffectRef): string {
  return formatAddress(addressOf(at, effect, requestDigest(effect.request).slice(0, digestLengthMin)));
}

function addressOf(
  at: AttemptKey,
  { task, type, name, label, occurrence }: EffectRef,
  digest: string | undefined,
): EffectAddress {
  return {
    at,
    ...(task === undefined ? {} : { task }),
    type,
    name,
    ...(digest === undefined ? {} : { digest }),
    ...(label === undefined ? {} : { label }),
    occurrence,
  };
}

/** For each digest of a request, as many digits as no other request shares. Empty if all requests are the same. */
function shortDigests(effects: readonly EffectRef[]): ReadonlyMap<string, string> {
  const digests = [...new Set(effects.map(({ request }) => requestDigest(request)))].sort();
  if (digests.length === 1) return new Map();
  // Sorted, the digest that shares the most digits is a neighbour.
  return new Map(
    digests.map((digest, place) => {
      const shared = Math.max(
        sharedLength(digest, digests[place - 1] ?? ''),
        sharedLength(digest, digests[place + 1] ?? ''),
      );
      return [digest, digest.slice(0, Math.max(digestLengthMin, shared + 1))];
    }),
  );
}

function sharedLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

/** Whether an address names this effect. An address without a digest names it whatever its request. */
export function matchesAddress(address: EffectAddress, effect: PlacedEffect): boolean {
  const { at, task, type, name, digest, label, occurrence } = address;
  return (
    at === effect.at &&
    task === effect.task &&
    type === effect.type &&
    name === effect.name &&
    label === effect.label &&
    occurrence === effect.occurrence &&
    (digest === undefined || requestDigest(effect.request).startsWith(digest))
  );
}

/** `candidates`: the addresses that tell the effects apart. */
export type FoundEffect<Effect extends PlacedEffect> =
  | { readonly kind: 'found'; readonly effect: Effect }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly EffectAddress[] };

/**
 * The effect that an address names. If one effect has several entries, such as its begin and its end, the first of
 * them.
 */
export function findEffect<Effect extends PlacedEffect>(
  address: EffectAddress,
  effects: readonly Effect[],
): FoundEffect<Effect> {
  const matching = effects.filter((effect) => matchesAddress(address, effect));
  const [first] = matching;
  if (first === undefined) return { kind: 'none' };
  const distinct = [...new Map(matching.map((effect) => [effectIdentity(effect), effect])).values()];
  if (distinct.length === 1) return { kind: 'found', effect: first };
  const addresses = addressesOf(
    address.at,
    effects.filter(({ at }) => at === address.at),
  );
  return { kind: 'ambiguous', candidates: distinct.map((effect) => addresses.get(effect) as EffectAddress) };
}
