// Checks that data has the shape of an entry. Files are untrusted, and whatever passes here is used without another
// look.
import { MalformedValue } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import { effectSources, effectTypes } from '../entry.ts';
import { checkAnswer, checkRuns } from './answer-check.ts';
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
import { LaterRelease } from './later-release.ts';
import { checkGraph, checkRunEntry } from './run-entry-check.ts';

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
  if (fields.graph !== undefined) checkGraph(fields.graph);
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

function checkSpan(value: Value): Fields {
  const observed = record(value, 'observed');
  time(observed.began, 'observed.began');
  time(observed.ended, 'observed.ended');
  return observed;
}

function checkMoment(value: Value): void {
  time(record(value, 'observed').time, 'observed.time');
}
