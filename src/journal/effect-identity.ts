// What makes two effects of one attempt the same: type, name and request. Never the order of the calls, which follows
// completion order inside `Promise.all`.
import { canonicalTextOf } from '../base/canonical-json.ts';
import { compareCodeUnits } from '../base/compare.ts';
import { digestOf } from '../base/digest.ts';
import type { Value } from '../base/value.ts';
import type { EffectRef } from './entry.ts';

/** Digests by identity: requests are canonical, so an object never changes. */
const digests = new WeakMap<object, string>();

/** The SHA-256 of a request's canonical text. */
export function requestDigest(request: Value): string {
  if (typeof request !== 'object' || request === null) return digestOf(canonicalTextOf(request));
  let digest = digests.get(request);
  if (digest === undefined) {
    digest = digestOf(canonicalTextOf(request));
    digests.set(request, digest);
  }
  return digest;
}

/** The identity of an effect without its occurrence, as text. */
export function effectIdentity(ref: Omit<EffectRef, 'occurrence'>): string {
  const parts = [ref.type, ref.name, requestDigest(ref.request), ref.label ?? null];
  return JSON.stringify(ref.task === undefined ? parts : [...parts, ref.task]);
}

/** What identifies an effect, without what became of it. */
export function refOf({ type, name, request, label, task, occurrence }: EffectRef): EffectRef {
  return {
    type,
    name,
    request,
    ...(label === undefined ? {} : { label }),
    ...(task === undefined ? {} : { task }),
    occurrence,
  };
}

/** The canonical order of an attempt's effects: by task, type, name, digest of the request, label, occurrence. */
export function compareEffects(left: EffectRef, right: EffectRef): number {
  return (
    compareCodeUnits(left.task ?? '', right.task ?? '') ||
    compareCodeUnits(left.type, right.type) ||
    compareCodeUnits(left.name, right.name) ||
    compareCodeUnits(requestDigest(left.request), requestDigest(right.request)) ||
    compareCodeUnits(labelOrder(left), labelOrder(right)) ||
    left.occurrence - right.occurrence
  );
}

/** No label comes before every label, even the empty one. */
function labelOrder(ref: EffectRef): string {
  return ref.label === undefined ? '' : `=${ref.label}`;
}
