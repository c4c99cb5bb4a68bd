// Checks that data has the shape of an entry. Files are untrusted, and whatever passes here is used without another
// look.
import { MalformedValue } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import type { FieldKind } from '../description.ts';
import { effectSources, effectTypes } from '../entry.ts';
import { credentialKinds } from '../redact/credential/credential-kind.ts';
import { encodings, pathLengthMax, repeatedCountMax, repeatedLengthMin } from '../redact/find/repeated-credentials.ts';
import { endpointPattern } from '../http/endpoint-pattern.ts';
import {
  attempt,
  checkOutermost,
  count,
  given,
  key,
  list,
  oneOf,
  record,
  show,
  step,
  task,
  text,
  time,
} from './checked-value.ts';
import type { Fields } from './checked-value.ts';
import { LaterRelease, checkVersions } from './later-release.ts';

type Check = (fields: Fields) => void;

/** @throws MalformedValue, with what is wrong */
export function checkEntry(fields: Fields): void {
  const kind = text(fields.kind, 'kind');
  const check = checks.get(kind);
  if (check === undefined) throw new LaterRelease(`unknown kind of entry ${show(kind)}`);
  check(fields);
}

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['run', checkRun],
  ['begin', checkBegin],
  ['chunk', checkChunk],
  ['restart', checkRestart],
  ['edit', checkEdit],
  ['effect', checkEffect],
  ['pooled', checkEffect],
  ['task', checkTask],
  ['ambient', checkAmbient],
  ['note', checkNote],
  ['guard', checkGuard],
  ['stop', checkStop],
  ['event', checkEvent],
  ['outcome', checkOutcome],
  ['commit', checkCommit],
  ['end', checkEnd],
]);

function checkRun(fields: Fields): void {
  checkOutermost(fields.at);
  checkRunEntry(fields);
  const observed = record(fields.observed, 'observed');
  text(observed.runId, 'observed.runId');
  time(observed.time, 'observed.time');
  checkSource(observed.source);
  if (observed.surroundings !== undefined)
    for (const fact of Object.values(record(observed.surroundings, 'observed.surroundings')))
      text(fact, 'surroundings');
  if (observed.tenant !== undefined) text(observed.tenant, 'observed.tenant');
  if (observed.terms !== undefined) checkTerms(record(observed.terms, 'observed.terms'));
  if (observed.parent === undefined) return;
  const parent = record(observed.parent, 'observed.parent');
  text(parent.runId, 'observed.parent.runId');
  count(parent.step, 'observed.parent.step');
}

function checkTerms({ pauseBefore = [], pauseAfter = [], deadline, labels = {}, passed }: Fields): void {
  for (const nodes of [pauseBefore, pauseAfter])
    for (const node of list(nodes, 'breakpoints')) text(node, 'a breakpoint');
  for (const label of Object.values(record(labels, 'labels'))) text(label, 'a label');
  if (passed !== undefined) count(passed, 'the breakpoint that was passed');
  if (deadline === undefined) return;
  const { at, timeoutMs } = record(deadline, 'deadline');
  time(at, 'deadline.at');
  time(timeoutMs, 'deadline.timeoutMs');
}

function checkEffectRef(fields: Fields): void {
  attempt(fields.at);
  oneOf(fields.type, effectTypes, 'type');
  text(fields.name, 'name');
  given(fields, 'request');
  count(fields.occurrence, 'occurrence');
  if (fields.label !== undefined) text(fields.label, 'label');
  if (fields.task !== undefined) text(fields.task, 'task');
  if (fields.once !== undefined && fields.once !== true) throw new MalformedValue('once is neither true nor absent');
}

function checkBegin(fields: Fields): void {
  checkEffectRef(fields);
  text(fields.node, 'node');
  checkMoment(fields.observed);
  const { due, ordinal, place, again, unrecorded } = fields.observed as Fields;
  if (place !== undefined) count(place, 'observed.place');
  if (due !== undefined) time(due, 'observed.due');
  if (ordinal !== undefined) count(ordinal, 'observed.ordinal');
  trueOrAbsent(again, 'observed.again');
  trueOrAbsent(unrecorded, 'observed.unrecorded');
  if (fields.outcome !== undefined) checkAnswered(fields.outcome, fields.observed as Fields);
}

function trueOrAbsent(given: Value, what: string): void {
  if (given !== undefined && given !== true) throw new MalformedValue(`${what} is neither true nor absent`);
}

function checkChunk(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  count(fields.ordinal, 'ordinal');
  list(fields.deltas, 'deltas');
  if (fields.dropped !== undefined) count(fields.dropped, 'dropped');
  for (const moment of list(record(fields.observed, 'observed').times, 'observed.times'))
    time(moment, 'observed.times');
}

function checkRestart(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  count(fields.ordinal, 'ordinal');
  checkMoment(fields.observed);
}

function checkEdit(fields: Fields): void {
  step(fields.at);
  oneOf(fields.by, ['fork', 'migrate'], 'by');
  checkPatch(fields.patch);
  if (fields.graph !== undefined) checkGraph(fields.graph, 0);
  if (fields.fingerprint !== undefined) text(fields.fingerprint, 'fingerprint');
  if (fields.from !== undefined) text(fields.from, 'from');
  if (fields.seed !== undefined) text(fields.seed, 'seed');
  checkMoment(fields.observed);
}

function checkEffect(fields: Fields): void {
  checkEffectRef(fields);
  checkAnswered(fields.outcome, checkSpan(fields.observed));
}

function checkAnswered(answer: Value, observed: Fields): void {
  const outcome = record(answer, 'outcome');
  given(outcome, oneOf(outcome.kind, ['value', 'error'], 'outcome.kind'));
  checkEffectObserved(observed);
}

function checkSource(source: Value): void {
  if (source !== undefined) oneOf(source, effectSources, 'observed.source');
}

function checkEffectObserved(observed: Fields): void {
  const { parts, answer, order, place, again, source, stacks, decided, message, dropped } = observed;
  checkSource(source);
  trueOrAbsent(dropped, 'observed.dropped');
  trueOrAbsent(again, 'observed.again');
  if (place !== undefined) count(place, 'observed.place');
  if (parts !== undefined) for (const length of list(parts, 'parts')) count(length, 'parts');
  if (answer !== undefined) checkAnswer(record(answer, 'observed.answer'));
  if (stacks !== undefined) checkStacks(stacks);
  if (message !== undefined) count(message, 'observed.message');
  if (decided !== undefined) time(record(decided, 'observed.decided').time, 'observed.decided.time');
  if (order === undefined) return;
  const places = record(order, 'observed.order');
  count(places.asked, 'observed.order.asked');
  count(places.given, 'observed.order.given');
  if (places.parts !== undefined) checkRuns(places.parts, 'observed.order.parts');
}

function checkRuns(runs: Value, what: string): void {
  for (const run of list(runs, what)) for (const place of list(run, 'a run of parts')) count(place, 'a run of parts');
}

function checkAnswer({ statusText, headers, url, trailers, encoding, interim, apart, repeats }: Fields): void {
  if (repeats !== undefined) checkRepeats(list(repeats, 'observed.answer.repeats'));
  if (apart !== undefined) checkRuns(apart, 'observed.answer.apart');
  for (const fact of [statusText, url, encoding]) if (fact !== undefined) text(fact, 'a fact of an answer');
  checkHeaders(headers);
  if (trailers !== undefined) checkHeaders(trailers);
  if (interim === undefined) return;
  for (const each of list(interim, 'interim answers')) {
    const answer = record(each, 'an interim answer');
    count(answer.status, 'the status of an interim answer');
    text(answer.statusText, 'the status text of an interim answer');
    checkHeaders(answer.headers);
  }
}

/** A place is used to read with, so it must be one, but it need not be in the answer. */
function checkRepeats(repeats: readonly Value[]): void {
  if (repeats.length > repeatedCountMax) throw new MalformedValue('an answer repeats too many credentials');
  for (const repeat of repeats) {
    const place = record(repeat, 'a repeated credential');
    oneOf(place.kind, [...credentialKinds], 'kind of a repeated credential');
    checkStretch(place, 'a repeated credential');
    if ((place.length as number) < repeatedLengthMin) throw new MalformedValue('a repeated credential is too short');
    const path = list(place.in, 'the way to a repeated credential');
    if (path.length === 0 || path.length > pathLengthMax)
      throw new MalformedValue('the way to a repeated credential is too short or too long');
    for (const step of path) if (typeof step !== 'string') count(step, 'the way to a repeated credential');
    if (place.encoded === undefined) continue;
    const encoded = record(place.encoded, 'an encoded credential');
    oneOf(encoded.as, encodings, 'encoding of a repeated credential');
    checkStretch(encoded, 'an encoded credential');
  }
}

function checkStretch({ start, length }: Fields, what: string): void {
  count(start, `start of ${what}`);
  count(length, `length of ${what}`);
}

function checkHeaders(headers: Value): void {
  for (const header of list(headers, 'headers')) {
    const [name, value, ...more] = list(header, 'a header');
    if (more.length > 0) throw new MalformedValue('a header is more than a name and a value');
    text(name, 'the name of a header');
    text(value, 'the value of a header');
  }
}

function checkStacks(stacks: Value): void {
  for (const stack of list(stacks, 'observed.stacks')) text(stack, 'observed.stacks');
}

function checkTask(fields: Fields): void {
  attempt(fields.at);
  text(fields.path, 'path');
  const result = record(fields.result, 'result');
  if (oneOf(result.status, ['done', 'failed', 'open'], 'result.status') === 'failed') given(result, 'error');
  const { stacks } = checkSpan(fields.observed);
  if (stacks !== undefined) checkStacks(stacks);
}

function checkAmbient(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  count(fields.ordinal, 'ordinal');
  checkMoment(fields.observed);
  const { reads = [], firings = [] } = fields.observed as Fields;
  for (const each of list(reads, 'observed.reads')) {
    const read = record(each, 'a read');
    count(read.segment, 'segment of a read');
    text(read.source, 'source of a read');
    if (read.task !== undefined) text(read.task, 'task of a read');
    count(read.from, 'place of a read');
    list(read.values, 'values of a read');
  }
  for (const each of list(firings, 'observed.firings')) {
    const firing = record(each, 'a firing');
    time(firing.delayMs, 'delay of a firing');
    for (const name of ['occurrence', 'turn', 'order']) count(firing[name], `${name} of a firing`);
  }
}

function checkNote(fields: Fields): void {
  key(fields.at);
  if (fields.node !== undefined) text(fields.node, 'node');
  text(fields.what, 'what');
  text(fields.message, 'message');
  if (fields.voids !== undefined) text(fields.voids, 'voids');
  for (const name of list(fields.undoes ?? [], 'undoes')) text(name, 'name of what is undone');
  checkMoment(fields.observed);
  const { count: times, stack, terms, message, decides, question } = fields.observed as Fields;
  if (decides !== undefined) {
    const { begin, by } = record(decides, 'observed.decides');
    text(begin, 'observed.decides.begin');
    if (by !== undefined) text(by, 'observed.decides.by');
  }
  if (message !== undefined) count(message, 'observed.message');
  if (question !== undefined) text(question, 'observed.question');
  if (times !== undefined) count(times, 'observed.count');
  if (terms !== undefined) checkTerms(record(terms, 'observed.terms'));
  if (stack !== undefined) text(stack, 'observed.stack');
}

function checkGuard(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  checkMoment(fields.observed);
}

function checkStop(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  if (oneOf(fields.why, ['timeout', 'failure', 'cancel', 'limit', 'doubt'], 'why') === 'doubt') given(fields, 'error');
  if (fields.end !== undefined) checkRunEnd(fields.end);
  checkMoment(fields.observed);
}

function checkEvent(fields: Fields): void {
  attempt(fields.at);
  text(fields.name, 'name');
  text(fields.stream, 'stream');
  count(fields.ordinal, 'ordinal');
  given(fields, 'data');
  if (fields.task !== undefined) text(fields.task, 'task');
  checkMoment(fields.observed);
}

function checkOutcome(fields: Fields): void {
  attempt(fields.at);
  text(fields.node, 'node');
  const result = record(fields.result, 'result');
  if (oneOf(result.status, ['done', 'failed', 'timeout'], 'result.status') !== 'done') given(result, 'error');
  else if (result.routes !== undefined) for (const route of list(result.routes, 'routes')) checkRoute(route);
  const { order, stacks } = checkSpan(fields.observed);
  if (stacks !== undefined) checkStacks(stacks);
  if (order === undefined) return;
  const places = record(order, 'observed.order');
  count(places.started, 'observed.order.started');
  count(places.ended, 'observed.order.ended');
}

function checkRoute(value: Value): void {
  const route = record(value, 'a route');
  const kind = oneOf(route.kind, ['goto', 'send', 'stop'], 'kind of a route');
  if (kind !== 'stop') text(route.node, 'node of a route');
  if (kind === 'send') given(route, 'input');
}

function checkCommit(fields: Fields): void {
  step(fields.at);
  for (const task of list(fields.frontier, 'frontier')) text(record(task, 'a task').node, 'node of a task');
  if (fields.joins !== undefined) checkJoins(record(fields.joins, 'joins'));
  if (fields.patch !== undefined) checkPatch(fields.patch);
  checkMoment(fields.observed);
}

function checkJoins(joins: Fields): void {
  for (const sources of Object.values(joins)) {
    for (const arrivals of Object.values(record(sources, 'joins'))) count(arrivals, 'arrivals');
  }
}

function checkPatch(value: Value): void {
  const open = [value];
  // Without recursion: a patch from an untrusted file may be nested deeper than the stack allows.
  for (let patch = open.pop(); patch !== undefined; patch = open.pop()) {
    const fields = record(patch, 'a patch');
    const kind = oneOf(fields.kind, ['set', 'append', 'record'], 'kind of a patch');
    if (kind === 'set') given(fields, 'value');
    else if (kind === 'append') list(fields.items, 'items');
    else {
      for (const changed of Object.values(record(fields.changed, 'changed'))) open.push(record(changed, 'a patch'));
      for (const removed of list(fields.removed, 'removed')) text(removed, 'removed');
    }
  }
}

function checkEnd(fields: Fields): void {
  checkOutermost(fields.at);
  // A run that was cancelled before its input was committed ends at -1.
  if (fields.step !== -1) count(fields.step, 'step');
  checkRunEnd(fields.end);
  checkMoment(fields.observed);
  const { stacks, nextStep } = fields.observed as Fields;
  if (stacks !== undefined) checkStacks(stacks);
  if (nextStep !== undefined) text(nextStep, 'observed.nextStep');
}

function checkRunEnd(value: Value): void {
  const end = record(value, 'end');
  const status = oneOf(end.status, ['done', 'failed', 'cancelled'], 'end.status');
  if (status === 'failed') given(end, 'error');
  if (status === 'failed' && end.task !== undefined) task(end.task);
}

/** The same rules check the parts of a run entry that the header of a fixture holds. */
export function checkRunEntry(fields: Fields): void {
  // What a later release writes may have another shape.
  checkVersions(fields);
  checkGraph(fields.graph, 0);
  text(fields.fingerprint, 'fingerprint');
  count(fields.semantics, 'semantics');
  text(fields.seed, 'seed');
  if (fields.rules !== undefined) checkRules(record(fields.rules, 'rules'));
}

function checkRules({ headers, drawn, moreHeaders = [], origins = {}, outside }: Fields): void {
  count(headers, 'rules.headers');
  if (drawn !== undefined) count(drawn, 'rules.drawn');
  for (const name of list(moreHeaders, 'rules.moreHeaders')) text(name, 'rules.moreHeaders');
  for (const alias of Object.values(record(origins, 'rules.origins')))
    for (const origin of list(alias, 'rules.origins')) text(origin, 'rules.origins');
  if (outside !== undefined) checkOutside(record(outside, 'rules.outside'));
}

function checkOutside({ listed, more = [], without = [] }: Fields): void {
  count(listed, 'rules.outside.listed');
  for (const item of list(more, 'rules.outside.more')) {
    const { url, kind, answer } = record(item, 'rules.outside.more');
    const pattern = text(url, 'rules.outside.more.url');
    if (endpointPattern(pattern) === undefined)
      throw new MalformedValue(`${show(pattern)} is no pattern of an address`);
    oneOf(kind, ['telemetry', 'credential'], 'rules.outside.more.kind');
    if (answer !== undefined) text(answer, 'rules.outside.more.answer');
  }
  for (const name of list(without, 'rules.outside.without')) text(name, 'rules.outside.without');
}

const graphDepthMax = 100;
const fieldKinds: readonly FieldKind[] = [
  'last',
  'append',
  'sum',
  'min',
  'max',
  'union',
  'merge',
  'upsert',
  'text',
  'reduce',
];

function checkGraph(value: Value, depth: number): void {
  if (depth > graphDepthMax) throw new MalformedValue('graphs are nested too deep');
  const graph = record(value, 'graph');
  text(graph.name, 'graph.name');
  text(graph.start, 'graph.start');
  for (const node of list(graph.nodes, 'graph.nodes')) checkNode(record(node, 'a node'), depth);
  for (const edge of list(graph.edges, 'graph.edges')) checkEdge(record(edge, 'an edge'));
  const state = record(graph.state, 'graph.state');
  if (oneOf(state.kind, ['fields', 'function'], 'graph.state.kind') === 'function') return;
  for (const field of Object.values(record(state.fields, 'graph.state.fields'))) checkField(record(field, 'a field'));
}

function checkNode(node: Fields, depth: number): void {
  text(node.name, 'name of a node');
  if (node.onError !== undefined) text(node.onError, 'onError');
  if (node.emptyRoute !== undefined) oneOf(node.emptyRoute, ['edges'], 'emptyRoute');
  if (node.subgraph !== undefined) checkGraph(node.subgraph, depth + 1);
}

function checkEdge(edge: Fields): void {
  text(edge.to, 'end of an edge');
  if (oneOf(edge.kind, ['edge', 'join'], 'kind of an edge') === 'edge') text(edge.from, 'beginning of an edge');
  else for (const from of list(edge.from, 'beginnings of a join')) text(from, 'beginning of a join');
}

function checkField(field: Fields): void {
  oneOf(field.kind, fieldKinds, 'kind of a field');
  if (typeof field.required !== 'boolean') throw new MalformedValue('a field does not say whether it is required');
  if (field.key !== undefined) text(field.key, 'key of a field');
}

function checkSpan(value: Value): Fields {
  const observed = record(value, 'observed');
  time(observed.began, 'observed.began');
  time(observed.ended, 'observed.ended');
  return observed;
}

function checkMoment(value: Value): void {
  time(record(value, 'observed').time, 'observed.time');
}
