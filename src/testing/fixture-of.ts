// A fixture that is written by hand: the graph runs once, in virtual time, with fakes for its outside.
import { anything, filledText, idText, required } from '../base/options/option-kind.ts';
import type { OptionKind } from '../base/options/option-kind.ts';
import { listOf, recordOf } from '../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import { RepriseError } from '../base/error.ts';
import { EventNames } from '../explore/order/event-names.ts';
import { InputSubject } from '../explore/subject/input-subject.ts';
import { runOnce } from '../explore/run/run-once.ts';
import type { OneRun } from '../explore/run/run-once.ts';
import { surround } from '../explore/session/surroundings.ts';
import { fifoStrategy } from '../explore/strategy/fifo.ts';
import { graphMaker } from '../explore/subject/subject.ts';
import { outsideKinds } from '../fake/outside.ts';
import type { Outside } from '../fake/outside.ts';
import type { AnyGraph, InputOf, StateOf } from '../graph/built-graph.ts';
import type { Run } from '../graph/types/run-types.ts';
import { liveClock } from '../live/clock.ts';
import { installPlaceholders } from '../live/placeholders.ts';
import { checkFixturePlace, exportToOptions, saveRun } from '../record/export-run.ts';
import type { ExportToOptions } from '../record/export-run.ts';
import type { RecordedRun } from '../record/record-run.ts';
import { ReplaySeal } from '../replay/session/replay-seal.ts';
import { memoryStore } from '../store/memory/memory.ts';
import { People } from './people.ts';

/**
 * The outside that `fixtureOf` gives a run in place of the real one, and where it writes the fixture. An
 * effect that nothing here answers fails.
 */
export interface FixtureOfOptions extends Outside, Omit<ExportToOptions, 'as'> {
  /** Where to write the fixture: a file, or a folder, in which it becomes `<graph>/<run id>.run.jsonl`. */
  readonly out: string;
  /** `by-hand` by default. */
  readonly runId?: string;
  /** What `random()`, `uuid()` and waits before retries are drawn from; "0" by default. */
  readonly seed?: string;
  /**
   * What people answer, by the name or the key of their question: a value, or a function of what is asked. A question that
   * has no answer here expires if it has a time limit, and else leaves the run paused.
   */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What others send to the run, in this order. They are there when the run first waits for somebody. */
  readonly signals?: readonly SentSignal[];
}

/** A signal for a run of `fixtureOf`. A node that calls `receive` with this name gets the value. */
export interface SentSignal {
  readonly name: string;
  readonly value: unknown;
}

const signal: OptionKind = {
  wanted: 'a signal with a name and a value',
  fits: (value) => typeof value === 'object' && value !== null && 'value' in value && nameOf(value) !== '',
};

function nameOf(signal: object): string {
  const { name } = signal as { readonly name?: unknown };
  return typeof name === 'string' ? name : '';
}

const { as: _as, ...exported } = exportToOptions.kinds;

export const fixtureOfOptions = optionShape<FixtureOfOptions>('fixtureOf', {
  out: required(filledText),
  ...outsideKinds,
  ...exported,
  runId: idText,
  seed: filledText,
  answers: recordOf(anything, 'answers by the names or keys of their questions'),
  signals: listOf(signal, 'signals, such as { name: "paid", value: { amount: 44 } }'),
});

/** A graph that never ends is a mistake, not a recording. */
const eventsMax = 100_000;

/**
 * Writes a fixture by hand: runs the graph once with fakes in place of its outside, and writes what happened as if it had
 * been recorded. For what has not happened yet, such as an answer nobody has seen, or an error.
 *
 * Sleeps, retries and time limits take no time. Answers come in the order in which they are asked for. A request that has no
 * fake fails, and nothing is written. A failed run is written too.
 *
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { fields, graph, last } from 'reprise';
 * import { replay } from 'reprise/replay';
 * import { fixtureOf } from 'reprise/testing';
 *
 * const forecast = graph('forecast', { state: fields({ weather: last('') }) })
 *   .node('ask', async () => {
 *     const response = await fetch('https://weather.example/today');
 *     return { delta: { weather: response.ok ? await response.text() : 'unknown' } };
 *   })
 *   .start('ask')
 *   .build();
 *
 * const { path, run } = await fixtureOf(forecast, {}, {
 *   out: `${mkdtempSync('/tmp/forecast-')}/busy.run.jsonl`,
 *   http: { 'GET https://weather.example/*': new Response('busy', { status: 503 }) },
 * });
 * const { report } = await replay(forecast, path);
 * console.log(run.state.weather, report.verdict); // unknown same
 * ```
 *
 * @throws RepriseError `option-invalid`, `effect-missing`, `input-invalid`, `file-exists`, `fixture-unwritable`,
 *   `replay-stalled` for a run that does not end
 */
export async function fixtureOf<G extends AnyGraph>(
  graph: G,
  input: InputOf<G>,
  options: FixtureOfOptions,
): Promise<RecordedRun<StateOf<G>>> {
  checkOptions(fixtureOfOptions, options);
  const { out, runId = 'by-hand', seed = '0', effects, http, answers, signals, ...exporting } = options;
  if (exporting.force !== true) checkFixturePlace(out, graph.name, runId);
  const outside: Outside = { ...(effects === undefined ? {} : { effects }), ...(http === undefined ? {} : { http }) };
  const explored = { input, outside: () => outside, runId };
  const subject = new InputSubject(await graphMaker(graph), explored, seed, liveClock.now());
  const store = memoryStore();
  const people = new People(answers, signals);
  const run = await runOf(subject, store, (host, paused, clock) => people.serve(host, paused, clock));
  const [fault] = subject.fakesOf(outside).faults;
  if (fault !== undefined) throw fault;
  return { run: run as Run<StateOf<G>>, ...(await saveRun(store, runId, out, exporting, 'fake')) };
}

async function runOf(
  subject: InputSubject,
  store: ReturnType<typeof memoryStore>,
  onPaused: NonNullable<OneRun['onPaused']>,
): Promise<Run<unknown>> {
  using surroundings = surround(subject, new ReplaySeal());
  const removePlaceholders = installPlaceholders();
  try {
    const { install } = surroundings;
    const one = { subject, names: new EventNames(), strategy: fifoStrategy, eventsMax, store, install, onPaused };
    const { run, stuck } = await runOnce(one);
    if (run === undefined) throw neverEnds(subject.graphName, stuck);
    return run;
  } finally {
    removePlaceholders();
  }
}

function neverEnds(graph: string, stuck: readonly string[]): RepriseError {
  const what = stuck.length === 0 ? 'it does not end' : `${stuck.join(', ')} waits for what nothing gives`;
  return new RepriseError('replay-stalled', `graph "${graph}" did not come to an end: ${what}`, {
    nextStep: 'Give `effects` an answer for what it waits for, or a time limit to its node.',
  });
}
