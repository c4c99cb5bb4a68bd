// The one codec of entries: SQLite and fixtures write what it encodes, and read through it. What it reads is untrusted.
import { MalformedValue, decodeValue, encodeValue } from '../base/encode.ts';
import type { Json } from '../base/encode.ts';
import { canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { AttemptResult, EffectOutcome, Entry, RunEnd } from './entry.ts';
import { isKey } from './key.ts';

/** An entry as JSON. `observed` is one sub-object, so that it can be left out. */
export function encodeEntry(entry: Entry): { readonly [key: string]: Json } {
  // An entry is plain data of canonical values, so the encoding of values is the encoding of entries.
  return encodeValue(canonicalValue(entry, 'entry', { maxBytes: Number.POSITIVE_INFINITY })) as {
    readonly [key: string]: Json;
  };
}

/**
 * The entry that JSON stands for; deeply frozen.
 *
 * @throws MalformedValue for what `encodeEntry` never makes: whoever reads a file makes a coded error of it.
 */
export function decodeEntry(json: Json): Entry {
  const entry = decodeValue(json);
  const fields = record(entry, 'an entry');
  const check = checks[String(fields.kind)];
  if (check === undefined || !Object.hasOwn(checks, String(fields.kind)))
    throw new MalformedValue(`no entry is of kind ${show(fields.kind)}`);
  text(fields.at, 'at');
  check(fields);
  return entry as unknown as Entry;
}

type Fields = { readonly [key: string]: Value };

const checks: Readonly<Record<string, (fields: Fields) => void>> = {
  run(fields) {
    checkRunEntry(fields);
    const observed = record(fields.observed, 'observed');
    text(observed.runId, 'observed.runId');
    number(observed.time, 'observed.time');
  },
  effect(fields) {
    attempt(fields.at);
    if (!['call', 'http', 'now', 'sleep'].includes(text(fields.type, 'type')))
      throw new MalformedValue(`no effect is of type ${show(fields.type)}`);
    text(fields.name, 'name');
    count(fields.occurrence, 'occurrence');
    if (fields.label !== undefined) text(fields.label, 'label');
    checkOutcome(record(fields.outcome, 'outcome') as unknown as EffectOutcome);
    record(fields.observed, 'observed');
  },
  event(fields) {
    attempt(fields.at);
    text(fields.name, 'name');
    text(fields.stream, 'stream');
    count(fields.ordinal, 'ordinal');
    record(fields.observed, 'observed');
  },
  outcome(fields) {
    attempt(fields.at);
    text(fields.node, 'node');
    checkResult(record(fields.result, 'result') as unknown as AttemptResult);
    record(fields.observed, 'observed');
  },
  commit(fields) {
    key(fields.at);
    for (const task of list(fields.frontier, 'frontier')) text(record(task, 'a task').node, 'node');
    if (fields.joins !== undefined) checkJoins(record(fields.joins, 'joins'));
    if (fields.patch !== undefined) checkPatch(fields.patch, 0);
    record(fields.observed, 'observed');
  },
  end(fields) {
    count(fields.step, 'step');
    checkEnd(record(fields.end, 'end') as unknown as RunEnd);
    record(fields.observed, 'observed');
  },
};

/** What a fixture's header holds of a run entry is checked by the same rules. */
export function checkRunEntry(fields: Fields): void {
  const graph = record(fields.graph, 'graph');
  text(graph.name, 'graph.name');
  list(graph.nodes, 'graph.nodes');
  list(graph.edges, 'graph.edges');
  const state = record(graph.state, 'graph.state');
  if (state.kind === 'fields') record(state.fields, 'graph.state.fields');
  else if (state.kind !== 'function') throw new MalformedValue('graph.state is of no known kind');
  text(fields.fingerprint, 'fingerprint');
  count(fields.semantics, 'semantics');
  text(fields.seed, 'seed');
}

function checkOutcome(outcome: EffectOutcome): void {
  if (outcome.kind !== 'value' && outcome.kind !== 'error')
    throw new MalformedValue('an outcome is neither value nor error');
}

function checkResult(result: AttemptResult): void {
  if (result.status === 'done') {
    for (const route of list((result.routes ?? []) as unknown as Value, 'routes')) {
      const { kind, node } = record(route, 'a route');
      if (kind !== 'stop') text(node, 'node of a route');
    }
  } else if (result.status !== 'failed' && result.status !== 'timeout')
    throw new MalformedValue('a result has no known status');
}

function checkEnd(end: RunEnd): void {
  if (end.status !== 'done' && end.status !== 'failed' && end.status !== 'cancelled')
    throw new MalformedValue('an end has no known status');
  if (end.status === 'failed' && end.task !== undefined) key(end.task as unknown as Value);
}

function checkJoins(joins: Fields): void {
  for (const sources of Object.values(joins))
    for (const arrivals of Object.values(record(sources, 'joins'))) count(arrivals, 'arrivals');
}

const patchDepthMax = 1_000;

function checkPatch(patch: Value, depth: number): void {
  const fields = record(patch, 'a patch');
  if (depth > patchDepthMax) throw new MalformedValue('a patch is nested too deep');
  if (fields.kind === 'append') list(fields.items, 'items');
  else if (fields.kind === 'record') {
    for (const changed of Object.values(record(fields.changed, 'changed'))) checkPatch(changed, depth + 1);
    for (const removed of list(fields.removed, 'removed')) text(removed, 'removed');
  } else if (fields.kind !== 'set') throw new MalformedValue('a patch is of no known kind');
}

function record(value: Value, what: string): Fields {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) throw new MalformedValue(`${what} is no object`);
  return value as Fields;
}

function list(value: Value, what: string): readonly Value[] {
  if (!Array.isArray(value)) throw new MalformedValue(`${what} is no list`);
  return value as readonly Value[];
}

function text(value: Value, what: string): string {
  if (typeof value !== 'string') throw new MalformedValue(`${what} is no text`);
  return value;
}

function number(value: Value, what: string): void {
  if (typeof value !== 'number') throw new MalformedValue(`${what} is no number`);
}

function count(value: Value, what: string): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < -1)
    throw new MalformedValue(`${what} is no count`);
}

function key(value: Value): void {
  if (!isKey(text(value, 'at'))) throw new MalformedValue(`${show(value)} is no key`);
}

function attempt(value: Value): void {
  key(value);
  if (!/#\d+$/.test(value as string)) throw new MalformedValue(`${show(value)} is no key of an attempt`);
}

function show(value: Value): string {
  return JSON.stringify(String(value)).slice(0, 60);
}
