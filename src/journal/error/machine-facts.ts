// What only this machine knows of a failed connection. No journal holds it, so that the same failure is the same in every
// recording and in every replay.
import { errorParts, frozenError } from '../../base/value.ts';
import type { ErrorParts, Value } from '../../base/value.ts';

/** Ports, addresses and byte counts of sockets. */
const machineFields: ReadonlySet<string> = new Set([
  'socket',
  'localAddress',
  'localPort',
  'remoteAddress',
  'remotePort',
]);

/** Where a connection was to lead is no such fact where the message names it: it is as much the same as the message. */
export function isMachineFact(key: string, value: unknown, message: string): boolean {
  if (key === 'address') return !message.includes(String(value));
  if (key === 'port') return !message.split(/\s/).some((word) => word.endsWith(`:${String(value)}`));
  return machineFields.has(key);
}

/** The error without these, at every depth. Those of an error that is the user's own are the user's. */
export function withoutMachineFacts(error: Value): Value {
  if (!(error instanceof Error)) return error;
  const parts = errorParts(error);
  const fields = isOfConnection(parts.fields) ? withoutMachineFields(parts) : parts.fields;
  const own = mapped(parts.own, (part) => (Array.isArray(part) ? mappedList(part) : withoutMachineFacts(part)));
  const cause = withoutMachineFacts(parts.cause);
  if (fields === parts.fields && own === parts.own && cause === parts.cause) return error;
  return frozenError({ ...parts, fields, own, ...(cause === undefined ? {} : { cause }) });
}

/** Of the system, or of undici. */
function isOfConnection({ syscall, code }: ErrorParts['fields']): boolean {
  return typeof syscall === 'string' || (typeof code === 'string' && code.startsWith('UND_ERR'));
}

function withoutMachineFields({ fields, message }: ErrorParts): ErrorParts['fields'] {
  const left = Object.entries(fields).filter(([key, value]) => !isMachineFact(key, value, message));
  return left.length === Object.keys(fields).length ? fields : Object.fromEntries(left);
}

function mapped(parts: ErrorParts['own'], map: (part: Value) => Value): ErrorParts['own'] {
  const entries = Object.entries(parts).map(([key, part]): [string, Value] => [key, map(part)]);
  return entries.every(([key, part]) => part === parts[key]) ? parts : Object.fromEntries(entries);
}

function mappedList(list: readonly Value[]): Value {
  const items = list.map(withoutMachineFacts);
  return items.every((item, place) => item === list[place]) ? (list as Value) : Object.freeze(items);
}
