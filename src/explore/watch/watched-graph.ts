// A graph whose runs are watched: after each event, which variables that its nodes can reach have changed, and for whom.
import { liveEnvironment } from '../../live/environment.ts';
import { liveSourcePaths } from '../../live/source-paths.ts';
import { withNames } from '../../port/source-paths.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { ReadyEvent } from '../order/ready-events.ts';
import { runOnce } from '../run/run-once.ts';
import type { OneRun, ScheduledRun } from '../run/run-once.ts';
import type { Trace } from '../order/trace.ts';
import { NumberTable } from '../strategy/number-table.ts';
import { Watch } from './watch.ts';
import { WriteLog } from './write-log.ts';
import { variableId } from './variable.ts';
import type { VariableName } from './variable.ts';
import type { WatchedVariable } from './write-log.ts';

/**
 * So many values are read after events at least, and so many for each schedule that may be tried. Where those of a whole run
 * would be more, nothing can be proved, and only so many are read to see what its beginning writes.
 */
const readValues = { least: 1_000_000, perSchedule: 5_000, ofBeginning: 200_000 };

/** What may be known of the runs to come. */
export interface ExpectedRuns {
  /** How many may be tried. */
  readonly schedulesMax?: number;
  /** How many events each has at least. */
  readonly eventCount?: number;
}

export class WatchedGraph {
  readonly #graph: AnyGraph;
  readonly #watch: Watch;
  readonly #logs: WriteLog[] = [];
  readonly #eventCount: number;
  #readMax: number;
  #readCount = 0;
  /** By the number of an attempt, at which look it waited last. */
  readonly #waits = new NumberTable();
  #waitCount = 0;
  #lastArrived: number | undefined;
  /** The step in which globals were last read. */
  #realmStep: number | undefined;
  /** Whether it looks in its next runs for code that waits and is woken by others, which slows the process down from then on. */
  listens = false;
  /** Whether an attempt had two things to wait for at once. */
  hasSeveralWaits = false;

  private constructor(graph: AnyGraph, watch: Watch, { schedulesMax = 0, eventCount = 0 }: ExpectedRuns) {
    this.#graph = graph;
    this.#watch = watch;
    this.#eventCount = eventCount;
    this.#readMax = Math.max(readValues.least, readValues.perSchedule * schedulesMax);
  }

  /** Or the reason why the variables of this process cannot be read. */
  static open(graph: AnyGraph, expected: ExpectedRuns = {}): WatchedGraph | { readonly reason: string } {
    const watch = Watch.open(graph.spec, liveEnvironment());
    return 'reason' in watch ? watch : new WatchedGraph(graph, watch, expected);
  }

  async run(one: OneRun): Promise<ScheduledRun> {
    const log = new WriteLog();
    this.#logs.push(log);
    this.#realmStep = undefined;
    this.#lastArrived = undefined;
    const onQuiet = (trace: Trace, ready: readonly ReadyEvent[]): void => this.#see(log, trace, ready);
    const watched = (): Promise<ScheduledRun> => runOnce({ ...one, graph: this.#graph, onQuiet });
    const run = await (this.listens ? this.#watch.during(watched) : watched());
    this.#realmStep = undefined;
    this.#look(log, run.trace);
    return run;
  }

  get runCount(): number {
    return this.#logs.length;
  }

  /** There was too much to read, so nothing is known of what changed. */
  get isCutShort(): boolean {
    return this.#readCount > this.#readMax;
  }

  /** What was written, each variable in the first run that wrote it, judged by those that followed. */
  get written(): readonly WatchedVariable[] {
    const known = new Map<string, WatchedVariable>();
    for (const [index, log] of this.#logs.entries()) {
      for (const watched of log.variables(index === 0 ? this.#logs.slice(1) : [])) {
        const id = variableId(watched.variable);
        if (!known.has(id)) known.set(id, watched);
      }
    }
    const written = [...known.values()];
    const lasting = written.filter(({ isPassing }) => !isPassing);
    return lasting.length > 0 ? lasting : written;
  }

  /** Whether no watched run has written anything. */
  get isUntouched(): boolean {
    return this.#logs.every((log) => log.isEmpty);
  }

  /** Variables in files, without those of the process. */
  get variableCount(): number {
    return new Set(this.#variablesOfFiles.map(variableId)).size;
  }

  get fileCount(): number {
    return new Set(this.#variablesOfFiles.map(({ file }) => file)).size;
  }

  /** Variables that were not read to their end, or not at all. */
  get unread(): readonly string[] {
    const { values, unread } = this.#watch.reading;
    return [
      ...[...unread].map(([path, why]) => `${values.get(path)?.variable.name ?? path}: ${why}`),
      ...[...this.#watch.woken].map(
        (frame) => `local variables of code that another task has woken (${withNames(frame, liveSourcePaths)})`,
      ),
    ];
  }

  close(): void {
    this.#watch.close();
  }

  #see(log: WriteLog, trace: Trace, ready: readonly ReadyEvent[]): void {
    this.hasSeveralWaits ||= this.#areSeveralOfOne(ready);
    if (this.#mayWrite(trace.at(-1)?.event.key ?? '')) this.#look(log, trace);
  }

  /** Looked at after each event, however many attempts wait: the number of the look is set for each of them. */
  #areSeveralOfOne(ready: readonly ReadyEvent[]): boolean {
    // Only something that became ready since the last look can be another one.
    const last = ready.at(-1);
    if (last !== undefined && last.due === undefined && last.arrived === this.#lastArrived) return false;
    this.#lastArrived = last?.arrived;
    this.#waitCount += 1;
    for (const { isGuard, event } of ready) {
      if (isGuard) continue;
      const { number } = event.attempt;
      if (this.#waits.get(number) === this.#waitCount) return true;
      this.#waits.set(number, this.#waitCount);
    }
    return false;
  }

  /**
   * Where the first run has written something, nothing is proved any more, and a later one only shows what is written again: it
   * looks where the first has written, and at its end.
   */
  #mayWrite(arrival: string): boolean {
    const [first] = this.#logs;
    return first === undefined || this.#logs.length < 2 || first.isEmpty || first.hasAt(arrival);
  }

  /**
   * What wrote variables of files in a run before, and no globals, writes no globals either, as a rule: then they are read
   * once a step, which is most of what a look costs. Nothing is proved there any more.
   */
  get #mayWriteRealm(): boolean {
    const before = this.#logs.slice(0, -1);
    return before.every((log) => log.isEmpty) || this.#logs.some((log) => log.isOfRealm);
  }

  get #variablesOfFiles(): readonly VariableName[] {
    const variables = [...this.#watch.reading.values.values()].map(({ variable }) => variable);
    return variables.filter(({ file }) => file !== '');
  }

  #look(log: WriteLog, trace: Trace): void {
    if (this.isCutShort) return;
    const last = trace.at(-1)?.event;
    const step = last?.attempt.path[0];
    const withRealm = this.#mayWriteRealm || step !== this.#realmStep;
    if (withRealm) this.#realmStep = step;
    const changes = this.#watch.look(withRealm);
    const valueCount = this.#watch.reading.values.size;
    if (this.#readCount === 0 && valueCount * this.#eventCount > this.#readMax) this.#readMax = readValues.ofBeginning;
    this.#readCount += valueCount;
    if (changes.length > 0) log.add({ arrival: last?.key ?? '', attempt: last?.attempt.at ?? '' }, changes);
  }
}
