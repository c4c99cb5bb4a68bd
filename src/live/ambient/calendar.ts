// The calendar clock: `Date` in every form, and formatting without an argument.
import { beforeEachNode } from '../../port/attempt.ts';
import { readsNow, readsOfCaller } from './reads-now.ts';
import { SharedGlobal, replaceProperty } from './replacement.ts';

const date = new SharedGlobal<DateConstructor>(globalThis, 'Date', replacedDate, 'plain');

/** Somebody who replaces `Date` while this is held is noticed at once. */
export const holdDate = (): (() => void) => date.hold();
const { now: originalNow } = date.original;

/** The time as it is without us. */
function realNow(): number {
  const { others, original } = date;
  // Somebody may have put ours back after we had gone.
  return others === original && others.now === now ? originalNow() : others.now();
}

function now(): number {
  const reads = readsOfCaller(now);
  return reads === undefined ? realNow() : reads.clock('Date.now', realNow);
}

/** Shares prototype and static members with the original, so that both take each other's dates for their own. */
function replacedDate({ original }: SharedGlobal<DateConstructor>): DateConstructor {
  const replacement = function (...given: unknown[]): unknown {
    if (new.target === undefined) return new original(now()).toString();
    const target = new.target === (replacement as unknown) ? original : new.target;
    return Reflect.construct(original, given.length === 0 ? [now()] : given, target);
  };
  // What a test has put there may inherit its static members.
  Object.setPrototypeOf(replacement, Object.getPrototypeOf(original));
  Object.defineProperties(replacement, {
    ...Object.getOwnPropertyDescriptors(original),
    now: { value: now, configurable: true, writable: true },
  });
  return replacement as unknown as DateConstructor;
}

type Format = (date?: Date | number) => string;
const formats = new WeakMap<Format, Format>();
const { prototype: formatPrototype } = Intl.DateTimeFormat;
const { get: originalFormat } = Object.getOwnPropertyDescriptor(formatPrototype, 'format') as { get: () => Format };
const { formatToParts: originalParts } = formatPrototype;
const intl = new SharedGlobal<typeof Intl>(globalThis, 'Intl', ({ original }) => original);

function replacedFormat(this: Intl.DateTimeFormat): Format {
  const bound = originalFormat.call(this);
  let format = formats.get(bound);
  if (format === undefined) {
    format = (time) => bound(time === undefined ? nodeTime() : time);
    formats.set(bound, format);
  }
  return format;
}

/** In a node, the time that formatting without an argument takes. */
function nodeTime(): number | undefined {
  return readsNow()?.clock('Date.now', realNow);
}

export function replaceCalendar(isInNode: () => boolean): () => void {
  const restores = [
    date.install(isInNode),
    beforeEachNode(() => {
      // Where nobody has replaced it, which is nearly always, a look costs nothing.
      if (globalThis.Date !== date.ours) date.look();
    }),
    replaceProperty(date.original.prototype, 'constructor', { value: date.ours }),
    intl.install(isInNode),
    replaceProperty(formatPrototype, 'format', { get: replacedFormat }),
    replaceProperty(formatPrototype, 'formatToParts', {
      value: function formatToParts(this: Intl.DateTimeFormat, time?: Date | number) {
        return originalParts.call(this, time === undefined ? nodeTime() : time);
      },
    }),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
