// Prints a run for people, from its journal alone: the user's code is not needed.
import type { Value } from '../../base/value.ts';
import type {
  AttemptResult,
  BeginEntry,
  CommitEntry,
  EffectEntry,
  Entry,
  OutcomeEntry,
  RunEnd,
  TaskSpec,
  TaskEntry,
} from '../../journal/entry.ts';
import type { RunTerms, Surroundings } from '../../journal/run-facts.ts';
import { count } from '../text/counts-text.ts';
import { effectAddresses } from '../text/effect-addresses.ts';
import { innerState } from '../../diff/compare/inner-state.ts';
import type { StepKey } from '../../journal/key.ts';
import { labelStream } from '../../journal/label.ts';
import { inOrderAsked } from '../../journal/step/asked-order.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { fullAddressText } from '../../journal/address.ts';
import { oneLine, severalLines, shortened } from '../text/plain-text.ts';
import { withUncounted } from './uncounted.ts';
import { requestText } from '../text/request-text.ts';
import { askedText } from './question-text.ts';
import { timeText } from './run-list.ts';
import { noteText } from '../../journal/run/replay-doubts.ts';
import { errorIn, userFrames } from '../../journal/error/stacks.ts';
import { stackLines } from '../text/stack-text.ts';
import { stateChangeLines } from './state-change-text.ts';
import { valueLines, valueText } from '../text/value-text.ts';

const valueLengthMax = 88;

/** Takes the canonical entries of a run step by step, and returns the lines for each step. */
export class RunTeller {
  readonly #fold = new RunFold();
  #step = 0;

  /**
   * The lines of the next step. With `full` detail, they include the whole state after it. `uncounted`: what
   * was done in it and counts for nothing.
   */
  tell(
    entries: readonly Entry[],
    detail: 'short' | 'full',
    beside: readonly Entry[] = [],
    uncounted: readonly Entry[] = [],
  ): readonly string[] {
    const { frontier: tasks, state: before } = this.#fold;
    for (const entry of entries) this.#fold.add(entry);
    const lines =
      this.#step === 0
        ? this.#beginning(entries)
        : [
            ...this.#stepLines(withUncounted(entries, uncounted), tasks),
            ...beside.flatMap(pooledLines),
            ...beside.flatMap(noteLines),
            ...stateChangeLines(before, this.#fold.state).map((line) => `    ${line}`),
          ];
    this.#step += 1;
    return detail === 'full' ? [...lines, ...stateLines(this.#fold.state)] : lines;
  }

  /** The state after a step of an inner run, if the next step, which has these entries, holds it. */
  tellInner(entries: readonly Entry[], key: StepKey): readonly string[] | undefined {
    const { run, frontier } = this.#fold;
    const found = run === undefined ? undefined : innerState({ graph: run.graph, frontier, entries }, key);
    return found === undefined ? undefined : [`inner step ${key}`, ...stateLines(found.state)];
  }

  #beginning(entries: readonly Entry[]): readonly string[] {
    const run = this.#fold.run;
    const first = entries.find((entry) => entry.kind === 'commit');
    return [
      `run ${oneLine(run?.observed.runId ?? '')} of graph ${oneLine(run?.graph.name ?? '')}, seed ${oneLine(run?.seed ?? '')}`,
      ...surroundingsLines(run?.observed.surroundings),
      ...termLines(run?.observed.terms),
      ...(first?.kind === 'commit'
        ? [`input   ${valueText(first.input, valueLengthMax)}`, `next    ${frontierText(first.frontier)}`]
        : []),
    ];
  }

  #stepLines(entries: readonly Entry[], tasks: readonly TaskSpec[]): readonly string[] {
    const lines: string[] = [];
    const isCommitted = entries.some((entry) => entry.kind === 'commit' && !entry.at.includes('/'));
    if (entries.some((entry) => entry.kind !== 'end'))
      lines.push('', `step ${this.#step}${isCommitted ? '' : ' (not committed)'}: ${frontierText(tasks)}`);
    const addresses = effectAddresses(entries);
    const told = new Set<string>();
    for (const entry of inOrderAsked(entries)) {
      lines.push(...entryLines(entry, tasks, addresses.get(entry) ?? ''));
      // The error of an effect is often that of its attempt, and that of a task the end of the run.
      const frames = frameLines(entry);
      const text = frames.join('\n');
      if (!told.has(text)) lines.push(...frames);
      told.add(text);
    }
    return lines;
  }
}

function stateLines(state: Value): readonly string[] {
  const lines = severalLines(valueLines(state)).split('\n');
  return ['  state afterwards:', ...lines.map((line) => `    ${line}`)];
}

function frameLines(entry: Entry): readonly string[] {
  const error = errorIn(entry);
  if (error === undefined || !('stacks' in entry.observed)) return [];
  const indent = `${'  '.repeat(entry.at.split('/').length)}    `;
  return stackLines(error, entry.observed.stacks).map((line) => `${indent}${line}`);
}

function surroundingsLines(surroundings: Surroundings | undefined): readonly string[] {
  if (surroundings === undefined) return [];
  const { node, platform, timeZone, locale } = surroundings;
  return [`where   ${[`Node ${node}`, platform, timeZone, locale].map(oneLine).join(', ')}`];
}

/** Those that count from a resume on: what stands at the head of a run are those that it began with. */
function termsText(terms: RunTerms | undefined): string {
  const lines = termLines(terms).map((line) => line.replace(/ +/, ' '));
  return lines.length === 0 ? '' : `: ${lines.join('; ')}`;
}

function termLines(terms: RunTerms | undefined): readonly string[] {
  if (terms === undefined) return [];
  const { labels = {}, pauseBefore = [], pauseAfter = [], deadline } = terms;
  const named = Object.entries(labels).map(([name, text]) => oneLine(`${name}=${text}`));
  const stops = [...pauseBefore.map((node) => `before ${node}`), ...pauseAfter.map((node) => `after ${node}`)];
  return [
    ...(named.length === 0 ? [] : [`labels  ${named.join(', ')}`]),
    ...(stops.length === 0 ? [] : [`pauses  ${oneLine(stops.join(', '))}`]),
    ...(deadline === undefined ? [] : [`ends    by ${timeText(deadline.at)}`]),
  ];
}

/** What came of an exchange after the attempt in whose context it began. */
function pooledLines(entry: Entry): readonly string[] {
  if (entry.kind !== 'pooled') return [];
  const { at, type, outcome } = entry;
  const asked = type === 'http' ? ` ${requestText(entry)}` : '';
  const came =
    outcome.kind === 'error' ? `failed: ${valueText(outcome.error, valueLengthMax)}` : `→ ${httpText(outcome.value)}`;
  return [`  ${fullAddressText(at, entry)}${asked} ${came}, after its attempt had ended`];
}

/** What was noticed in a step: what was not recorded, for example. */
function noteLines(entry: Entry): readonly string[] {
  if (entry.kind !== 'note') return [];
  const { at, mayNotReplay, observed } = entry;
  const times = observed.count === undefined || observed.count === 1 ? '' : `, ${observed.count} times`;
  const doubt = mayNotReplay === true ? '; may not replay because of this' : '';
  const [frame] = observed.stack === undefined ? [] : userFrames(observed.stack.replaceAll(/^ +/gm, ''));
  return [
    `  ${at}  note: ${noteText(entry)}${times}${doubt}${termsText(observed.terms)}`,
    ...(frame === undefined ? [] : [`      ${shortened(oneLine(frame), valueLengthMax)}`]),
  ];
}

/** `address` is that of the effect that the entry belongs to. */
function entryLines(entry: Entry, tasks: readonly TaskSpec[], address: string): readonly string[] {
  const indent = '  '.repeat(entry.at.split('/').length);
  switch (entry.kind) {
    case 'effect':
      return [`${indent}${effectText(entry, address)}${decidedText(entry)}`];
    case 'event':
      if (entry.stream === labelStream) return [`${indent}${entry.at}  label "${oneLine(entry.name)}"`];
      return [`${indent}${entry.at}  event ${oneLine(entry.name)} ${valueText(entry.data, valueLengthMax)}`];
    case 'outcome':
      return [`${indent}${entry.at}  ${outcomeText(entry, tasks)}`];
    case 'commit':
      return commitLines(entry, indent);
    case 'end':
      return ['', endText(entry.end)];
    case 'chunk':
      if (entry.dropped !== undefined) return [`${indent}${entry.at}  ${count(entry.dropped, 'chunk')} (not kept)`];
      return [
        `${indent}${entry.at}  ${count(entry.deltas.length, 'chunk')}: ${valueText(entry.deltas, valueLengthMax)}`,
      ];
    case 'restart':
      return [`${indent}${entry.at}  ${oneLine(entry.node)} was restarted after ${count(entry.ordinal, 'chunk')}`];
    case 'edit':
      return [`${indent}state edited: ${entry.by === 'fork' ? 'this run is a fork' : 'newer version of the graph'}`];
    case 'begin':
      return [`${indent}${address} ${waitText(entry)}`];
    case 'task':
      return [`${indent}${entry.at}  task ${oneLine(entry.path)} ${taskText(entry)}`];
    case 'pooled':
    case 'ambient':
    case 'note':
    case 'guard':
    case 'stop':
    case 'run':
      return [];
  }
}

/** An open step has the beginnings of what it waits for from outside. */
function waitText({ type, request }: BeginEntry): string {
  return type === 'ask' ? `asks ${askedText(request)}` : 'waits for this signal';
}

function taskText({ input, result }: TaskEntry): string {
  const given = input === undefined ? '' : `(${valueText(input, valueLengthMax / 2)}) `;
  return given + taskResultText(result);
}

export function taskResultText(result: TaskEntry['result']): string {
  if (result.status === 'open') return 'was still running when its attempt ended';
  if (result.status === 'failed') return `failed: ${valueText(result.error, valueLengthMax)}`;
  return Object.hasOwn(result, 'value')
    ? `→ ${valueText(result.value, valueLengthMax / 2)}`
    : 'done (its result is not kept)';
}

function effectText(effect: EffectEntry, address: string): string {
  if (effect.observed.dropped === true) return `${address} (not kept: the run is not recorded)`;
  // All HTTP effects have the same name, so their method and path say more.
  const name = effect.type === 'http' ? `${address} ${requestText(effect)}` : address;
  if (effect.outcome.kind === 'error') return `${name} failed: ${valueText(effect.outcome.error, valueLengthMax)}`;
  if (effect.type === 'sleep') return `${name} ${String(effect.request)} ms`;
  if (effect.type === 'http') return `${name} → ${httpText(effect.outcome.value)}`;
  const words = effect.type === 'ask' ? askedText(effect.request) : valueText(effect.request, valueLengthMax / 2);
  const asked = effect.request === undefined ? '' : ` ${words}`;
  return `${name}${asked} → ${valueText(effect.outcome.value, valueLengthMax / 2)}`;
}

/** That a person said what became of it. */
function decidedText({ observed: { decided } }: EffectEntry): string {
  if (decided === undefined) return '';
  return ` (decided${decided.by === undefined ? '' : ` by ${oneLine(decided.by)}`})`;
}

function httpText(answer: Value): string {
  const { status, body, ended } = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    status?: Value;
    body?: Value;
    ended?: Value;
  };
  const length =
    typeof body === 'string'
      ? `${body.length} characters`
      : body instanceof Uint8Array
        ? `${body.byteLength} bytes`
        : 'no body';
  if (status === undefined) return ended === 'open' ? 'no answer yet' : `no answer, ${String(ended)}`;
  return `${String(status)}, ${length}${ended === 'complete' ? '' : `, ${String(ended)}`}`;
}

function outcomeText({ node, result, at }: OutcomeEntry, tasks: readonly TaskSpec[]): string {
  const rank = at.includes('/') ? undefined : Number(/^\d+\.(\d+)/.exec(at)?.[1]);
  const input = rank === undefined ? undefined : tasks[rank]?.input;
  const given = input === undefined ? '' : `(${valueText(input, valueLengthMax / 2)}) `;
  return `${oneLine(node)} ${given}${resultText(result)}`;
}

function resultText(result: AttemptResult): string {
  if (result.status !== 'done') return `${result.status}: ${valueText(result.error, valueLengthMax)}`;
  const delta = result.delta === undefined ? 'no delta' : valueText(result.delta, valueLengthMax);
  if (result.routes === undefined) return `→ ${delta}`;
  const routes = result.routes.map((route) =>
    route.kind === 'stop' ? 'stop' : `${route.kind} ${oneLine(route.node)}`,
  );
  return `→ ${delta}, ${routes.slice(0, 8).join(', ')}${routes.length > 8 ? ` and ${routes.length - 8} more` : ''}`;
}

function commitLines({ at, input, frontier, joins }: CommitEntry, indent: string): readonly string[] {
  const begins = input === undefined ? [] : [`${indent}input ${valueText(input, valueLengthMax)}`];
  const waits =
    joins === undefined ? [] : [`${indent}joins waiting: ${valueText(joins as unknown as Value, valueLengthMax)}`];
  return [...begins, ...waits, `${indent}committed ${at}, next ${frontierText(frontier)}`];
}

function frontierText(tasks: readonly TaskSpec[]): string {
  if (tasks.length === 0) return 'nothing';
  const counts = new Map<string, number>();
  for (const { node } of tasks) counts.set(node, (counts.get(node) ?? 0) + 1);
  return [...counts].map(([node, count]) => (count === 1 ? oneLine(node) : `${oneLine(node)} × ${count}`)).join(', ');
}

function endText(end: RunEnd): string {
  switch (end.status) {
    case 'done':
      return 'done';
    case 'failed':
      return `failed${end.task === undefined ? '' : ` in task ${end.task}`}: ${valueText(end.error, valueLengthMax)}`;
    case 'cancelled':
      return end.reason === undefined ? 'cancelled' : `cancelled: ${valueText(end.reason, valueLengthMax)}`;
  }
}
