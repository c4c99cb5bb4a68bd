// Gathers what the page shows of a run, from its journal alone.
import type { Json } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import { describeEffect } from '../../diff/compare/compare-effects.ts';
import { fullAddressText } from '../../journal/address.ts';
import type { AttemptResult, EffectEntry, Entry, EventEntry, PooledEntry, TaskSpec } from '../../journal/entry.ts';
import { RunFold } from '../../journal/fold/run-fold.ts';
import { compareKeys, rankOfTask, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { labelStream } from '../../journal/label.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import { inOrderAsked } from '../../journal/step/asked-order.ts';
import { noteText } from '../../journal/run/replay-doubts.ts';
import { stoppedNote } from '../../journal/step/stops.ts';
import { effectAddresses } from '../text/effect-addresses.ts';
import { withUncounted } from '../run/uncounted.ts';
import { askedText } from '../run/question-text.ts';
import { timeText } from '../run/run-list.ts';
import { taskResultText } from '../run/run-text.ts';
import { valueText } from '../text/value-text.ts';
import { innerScopes, nextShownMax } from './inner-scopes.ts';
import type { PageAttempt, PageEffect, PageReported, PageRun, PageScope, PageStep, PageTask } from './page-model.ts';
import { PageValues } from './page-value.ts';
import { stateChanges } from './state-changes.ts';
import type { ValueOf } from './state-changes.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type OpenAttempt = Writable<Omit<PageAttempt, 'effects' | 'chunks' | 'events' | 'waits' | 'questions' | 'notes'>> & {
  readonly effects: PageEffect[];
  readonly chunks: Json[];
  readonly events: PageReported[];
  readonly waits: string[];
  questions: { readonly address: string; readonly request: Json }[];
  readonly notes: string[];
};
type OpenTask = Omit<PageTask, 'attempts'> & { readonly attempts: OpenAttempt[] };

const inputLengthMax = 600;

/** What a task takes besides its values: its keys, times and names. */
const taskLength = 200;

/** Takes the entries of a run step by step. */
export class PageRunBuilder {
  readonly #fold = new RunFold();
  readonly #steps: PageStep[] = [];
  readonly #scopes: PageScope[] = [];
  readonly #tasks: OpenTask[] = [];
  #status = 'unfinished';
  #input: string | undefined;
  readonly #values: PageValues;
  readonly #toJson: ValueOf = (value) => this.#values.of(value);

  /** `textLengthMax`: how much of a text is kept; by default what fits on a page. */
  constructor({ textLengthMax }: { readonly textLengthMax?: number } = {}) {
    this.#values = new PageValues(textLengthMax);
  }

  get hasBegun(): boolean {
    return this.#fold.run !== undefined;
  }

  /** About how many characters the run takes as JSON, so far. */
  get length(): number {
    return this.#values.length + this.#tasks.length * taskLength;
  }

  /** `uncounted`: what was done in the step and counts for nothing. */
  add(counted: readonly Entry[], beside: readonly Entry[] = [], uncounted: readonly Entry[] = []): void {
    const { frontier, state } = this.#fold;
    for (const entry of counted) this.#fold.add(entry);
    const entries = withUncounted(counted, uncounted);
    const step = this.#steps.length;
    const { run } = this.#fold;
    if (run !== undefined)
      this.#scopes.push(...innerScopes({ graph: run.graph, step, frontier, entries }, this.#toJson));
    const tasks = new TasksOfStep(step, frontier, effectAddresses([...entries, ...beside]), this.#toJson);
    for (const entry of inOrderAsked([...entries, ...beside])) {
      tasks.add(entry);
      if (entry.kind === 'end') this.#status = entry.end.status;
      if (entry.kind === 'commit' && entry.input !== undefined && entry.at === '0')
        this.#input = valueText(entry.input, inputLengthMax);
    }
    this.#tasks.push(...tasks.inOrder());
    const notes = [...entries, ...beside].flatMap(stepNotes);
    const last = this.#steps.at(-1);
    // The end of the run belongs to its last step.
    if (last !== undefined && entries.every(({ kind }) => kind === 'end')) {
      this.#steps[this.#steps.length - 1] = { ...last, notes: [...last.notes, ...notes] };
      return;
    }
    const next = this.#fold.frontier === frontier ? [] : this.#fold.frontier;
    this.#steps.push({
      step,
      changes: stateChanges(step === 0 ? undefined : state, this.#fold.state, this.#toJson),
      notes,
      next: next.slice(0, nextShownMax).map(({ node }) => node),
      ...(entries.some(closesStep) ? {} : { isOpen: true }),
    });
  }

  run(name: string): PageRun {
    const { run } = this.#fold;
    if (run === undefined) throw new TypeError('a run has its first entry');
    const { seed, observed } = run;
    const { runId, surroundings, terms } = observed;
    const facts: readonly (readonly [string, string | undefined])[] = [
      ['run', runId],
      ['graph', run.graph.name],
      ['seed', seed],
      ['input', this.#input],
      ['began', timeText(observed.time)],
      ['where', surroundings === undefined ? undefined : Object.values(surroundings).join(', ')],
      ['effects from', observed.source],
      ...Object.entries(terms?.labels ?? {}),
    ];
    return {
      name,
      graph: run.graph,
      facts: facts.flatMap(([fact, text]) => (text === undefined ? [] : [[fact, text] as const])),
      status: this.#status,
      steps: this.#steps,
      scopes: this.#scopes,
      tasks: this.#tasks,
    };
  }
}

/** Whether the step is over with this entry: with its commit, or with the end of the run. */
function closesStep({ kind, at }: Entry): boolean {
  return kind === 'end' || (kind === 'commit' && !at.includes('/'));
}

/** Notes about the step or the run itself. */
function stepNotes(entry: Entry): readonly string[] {
  if (entry.kind === 'edit')
    return [entry.by === 'fork' ? 'the state was edited: this run is a fork' : 'the state was edited: newer graph'];
  if (entry.kind === 'note' && !entry.at.includes('#')) return [noteText(entry)];
  if (entry.kind === 'end' && entry.end.status === 'failed') return [`failed: ${valueText(entry.end.error, 300)}`];
  if (entry.kind === 'end' && entry.end.status === 'cancelled')
    return [entry.end.reason === undefined ? 'cancelled' : `cancelled: ${valueText(entry.end.reason, 300)}`];
  return [];
}

class TasksOfStep {
  readonly #step: number;
  readonly #frontier: readonly TaskSpec[];
  readonly #addresses: ReadonlyMap<Entry, string>;
  readonly #toJson: ValueOf;
  readonly #tasks = new Map<string, OpenTask>();

  constructor(step: number, frontier: readonly TaskSpec[], addresses: ReadonlyMap<Entry, string>, toJson: ValueOf) {
    this.#toJson = toJson;
    this.#step = step;
    this.#frontier = frontier;
    this.#addresses = addresses;
  }

  inOrder(): readonly OpenTask[] {
    for (const attempt of [...this.#tasks.values()].flatMap(({ attempts }) => attempts)) {
      const answered = new Set(attempt.effects.map(({ address }) => address));
      attempt.questions = attempt.questions.filter(({ address }) => !answered.has(address));
    }
    return [...this.#tasks.values()].sort((one, other) => compareKeys(one.key, other.key));
  }

  add(entry: Entry): void {
    const { kind } = entry;
    if (kind === 'run' || kind === 'commit' || kind === 'end' || kind === 'edit' || !entry.at.includes('#')) return;
    const attempt = this.#attempt(attemptOf(entry.at), 'node' in entry ? entry.node : undefined);
    switch (kind) {
      case 'pooled':
        attempt.effects.push({
          address: lateAddress(entry),
          what: `${describeEffect(entry)}, after its attempt had ended`,
          ...this.#asked(entry),
        });
        break;
      case 'effect':
        attempt.effects.push({
          address: this.#addresses.get(entry) ?? entry.at,
          what:
            entry.observed.dropped === true
              ? `${entry.name} (not kept: the run is not recorded)`
              : describeEffect(entry),
          ...this.#asked(entry),
          ...(entry.at.includes('!') ? { isCleanUp: true } : {}),
        });
        break;
      case 'chunk':
        attempt.chunks.push(...entry.deltas.map(this.#toJson));
        break;
      case 'event':
        attempt.events.push(eventOf(entry, this.#toJson));
        break;
      case 'outcome':
        Object.assign(attempt, resultOf(entry.result, this.#toJson));
        if (entry.observed.stacks?.[0] !== undefined) attempt.stack = entry.observed.stacks[0];
        // A fixture need not say when.
        if (entry.observed.ended === 0) break;
        attempt.began = entry.observed.began;
        attempt.ended = entry.observed.ended;
        break;
      case 'note':
        // The node stands above it. That an attempt was stopped comes before what became of its clean-ups.
        attempt.notes[entry.what === stoppedNote ? 'unshift' : 'push'](noteText({ message: entry.message }));
        break;
      case 'restart':
        attempt.notes.push(`restarted after ${entry.ordinal} chunks`);
        break;
      case 'begin':
        attempt.waits.push(
          entry.type === 'ask'
            ? `asks ${askedText(entry.request)}`
            : `waits for the signal ${valueText(entry.name, 80)}`,
        );
        if (entry.type === 'ask')
          attempt.questions.push({
            address: this.#addresses.get(entry) ?? entry.at,
            request: this.#toJson(entry.request),
          });
        break;
      case 'task':
        attempt.notes.push(`task ${entry.path} ${taskResultText(entry.result)}`);
        break;
      default:
    }
  }

  #asked(entry: EffectEntry | PooledEntry): Omit<PageEffect, 'address' | 'what'> {
    const { type, request, outcome, observed } = entry;
    return {
      type,
      request: this.#toJson(request),
      outcome: { kind: outcome.kind, value: this.#toJson('value' in outcome ? outcome.value : outcome.error) },
      ...statusOf(entry),
      began: observed.began,
      ended: observed.ended,
    };
  }

  #attempt(at: AttemptKey, node: string | undefined): OpenAttempt {
    const key = taskOfAttempt(at);
    let task = this.#tasks.get(key);
    const rank = rankOfTask(key);
    const depth = key.split('/').length - 1;
    const spec = depth === 0 ? this.#frontier[rank] : undefined;
    if (task === undefined || (node !== undefined && task.node === '')) {
      const input = spec?.input === undefined ? {} : { input: this.#toJson(spec.input) };
      const attempts = task?.attempts ?? [];
      task = { key, step: this.#step, rank, depth, node: spec?.node ?? node ?? '', ...input, attempts };
      this.#tasks.set(key, task);
    }
    let attempt = task.attempts.find((known) => known.at === at);
    if (attempt === undefined) {
      attempt = { at, status: 'open', effects: [], chunks: [], events: [], waits: [], questions: [], notes: [] };
      task.attempts.push(attempt);
    }
    return attempt;
  }
}

/** Stands after the address of what came of an exchange once its attempt had ended: the attempt may have it as well. */
export const lateMark = ' (late)';

function lateAddress(entry: PooledEntry): string {
  return `${fullAddressText(entry.at, entry)}${lateMark}`;
}

function statusOf({ type, outcome }: EffectEntry | PooledEntry): { readonly status?: number } {
  if (type !== 'http' || outcome.kind === 'error' || !isRecordValue(outcome.value)) return {};
  const { status } = outcome.value;
  return typeof status === 'number' ? { status } : {};
}

function eventOf({ name, stream, data }: EventEntry, toJson: ValueOf): PageReported {
  if (stream === labelStream) return { name, isLabel: true };
  return { name, ...(stream === '' ? {} : { stream }), data: toJson(data) };
}

/** Clean-ups are keyed below their attempt. */
function attemptOf(at: string): AttemptKey {
  return (/^.*#\d+/.exec(at)?.[0] ?? at) as AttemptKey;
}

function resultOf(result: AttemptResult, toJson: ValueOf): Partial<Writable<PageAttempt>> {
  if (result.status !== 'done') return { status: result.status, error: toJson(result.error) };
  const { status, delta, routes } = result;
  return {
    status,
    ...(delta === undefined ? {} : { delta: toJson(delta) }),
    ...(routes === undefined ? {} : { routes: toJson(routes as unknown as Value) }),
  };
}
