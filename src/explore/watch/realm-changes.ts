// What a program changed in the objects of the language and of Node: what it put there, such as `process.queue`, what it put in
// the place of something, such as another `console.log`, and what `process` holds of its own.
//   R1. No getter runs but those of Node.
import { EventEmitter } from 'node:events';
import { namesOfMarks } from '../../live/event-loop/real-timers.ts';

export interface RealmChange {
  readonly name: string;
  readonly value: unknown;
  /** Nothing stood there before. */
  readonly isAdded: boolean;
}

/** An object as it was when Reprise was loaded. */
interface KnownObject {
  readonly name: string;
  readonly object: object;
  readonly keys: readonly PropertyKey[];
  readonly values: readonly unknown[];
}

function isHeld(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function known(name: string, object: object): KnownObject {
  const keys = Reflect.ownKeys(object);
  return { name, object, keys, values: keys.map((key) => heldAt(object, key)) };
}

function heldAt(object: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** The globals, with the prototypes of those that are classes. */
const knownObjects: readonly KnownObject[] = Reflect.ownKeys(globalThis).flatMap((key) => {
  const name = String(key);
  const value = key === 'process' ? process : heldAt(globalThis, key);
  if (!isHeld(value) || value === globalThis) return [];
  const prototype = typeof value === 'function' ? heldAt(value, 'prototype') : undefined;
  return isHeld(prototype) ? [known(name, value), known(`${name}.prototype`, prototype)] : [known(name, value)];
});

/** `isTool`: names of what test runners and coverage put there. */
export function* changesOfRealm(isTool: (name: string) => boolean): Generator<RealmChange> {
  for (const { name, object, keys, values } of knownObjects) {
    const now = Reflect.ownKeys(object);
    for (let place = 0; place < now.length; place += 1) {
      const key = now[place] as PropertyKey;
      const value = heldAt(object, key);
      const before = key === keys[place] ? place : keys.indexOf(key);
      if (before >= 0 && (Object.is(value, values[before]) || isNodes(key))) continue;
      // The system's own: it changes when the parent of the process ends.
      if (object === process && key === 'ppid') continue;
      if (!isTool(String(key))) yield { name: `${name}.${String(key)}`, value, isAdded: before < 0 };
    }
  }
}

/** `process._events` and the like. */
function isNodes(key: PropertyKey): boolean {
  return typeof key === 'string' && key.startsWith('_');
}

const { cwd } = process;
const exitCode = Object.getOwnPropertyDescriptor(process, 'exitCode')?.get;

/** What `process` and `performance` tell only when they are asked. */
export function processState(): readonly Omit<RealmChange, 'isAdded'>[] {
  return [
    { name: 'process.cwd()', value: workingFolder() },
    { name: 'process.exitCode', value: exitCode?.call(process) as unknown },
    { name: 'marks of performance', value: namesOfMarks() },
  ];
}

const { eventNames, listeners } = EventEmitter.prototype;

/** Nothing but `process` leads to them. */
export function listenersOfProcess(): readonly { readonly name: string; readonly value: object }[] {
  return eventNames.call(process).flatMap((event) =>
    listeners.call(process, event).map((value, place) => ({
      name: `process.on(${String(event)}) ${place}`,
      value,
    })),
  );
}

function workingFolder(): string {
  try {
    return cwd.call(process);
  } catch {
    // It was deleted.
    return '';
  }
}
