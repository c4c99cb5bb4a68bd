// What the page shows, as data: one run or two, and what was found about them. All values are plain JSON.
import type { Json } from '../../base/encode.ts';
import type { DivergenceClass } from '../../diff/cause/divergence-class.ts';
import type { GraphDescription } from '../../journal/description.ts';

/** All that a page shows, as plain JSON. Give it to `pageHtml`. */
export interface PageModel {
  readonly version: 1;
  readonly title: string;
  /** One run, or the recorded one and the one that is compared with it. */
  readonly runs: readonly PageRun[];
  readonly report?: PageReport;
  /** Where all runs are listed. Only a page that is served has it: it can be read again. */
  readonly list?: string;
}

/** A run as a page shows it: what it is, and its steps and tasks. Keys relate its parts to one another. */
export interface PageRun {
  readonly name: string;
  readonly graph: GraphDescription;
  /** Name and value: where it ran, its seed, its labels. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly status: string;
  readonly steps: readonly PageStep[];
  /** The inner runs of subgraphs. */
  readonly scopes: readonly PageScope[];
  /** In the canonical order. */
  readonly tasks: readonly PageTask[];
}

/** A step as a page shows it: what it changed in the state, and what comes next. */
export interface PageStep {
  readonly step: number;
  readonly changes: readonly StateChange[];
  readonly notes: readonly string[];
  /** What comes next. */
  readonly next: readonly string[];
  /** The run has not committed it. */
  readonly isOpen?: true;
}

/** The steps of a subgraph, which stand below the attempt that runs it. */
export interface PageScope {
  /** The attempt that the inner run belongs to. */
  readonly at: string;
  readonly steps: readonly PageStep[];
}

/** `field` is '' if the state has no fields. */
export type StateChange =
  | { readonly field: string; readonly kind: 'set'; readonly value: Json }
  | { readonly field: string; readonly kind: 'append'; readonly items: readonly Json[] }
  | { readonly field: string; readonly kind: 'remove' };

/**
 * A task as a page shows it, with its attempts from the first to the last. `rank` is its place among the tasks of its
 * step.
 */
export interface PageTask {
  readonly key: string;
  readonly step: number;
  readonly rank: number;
  /** 0 for tasks of the run, 1 for those of an inner run, … */
  readonly depth: number;
  readonly node: string;
  readonly input?: Json;
  readonly attempts: readonly PageAttempt[];
}

/**
 * One try of a task as a page shows it. `began` and `ended` are in milliseconds since 1970, and are absent if the run
 * does not hold them.
 */
export interface PageAttempt {
  readonly at: string;
  readonly status: 'done' | 'failed' | 'timeout' | 'open';
  readonly began?: number;
  readonly ended?: number;
  readonly delta?: Json;
  readonly routes?: Json;
  readonly error?: Json;
  readonly effects: readonly PageEffect[];
  readonly chunks: readonly Json[];
  readonly events: readonly PageReported[];
  /** The questions that it has open, and the signals that it waits for, in words. */
  readonly waits: readonly string[];
  /** The questions that it has open, each in full. */
  readonly questions: readonly { readonly address: string; readonly request: Json }[];
  /** Where it failed, by the frames of its error. */
  readonly stack?: string;
  /** Restarts, tasks inside and what became of clean-ups, in words. */
  readonly notes: readonly string[];
}

/** A label has no data. `stream`: unless it is that of all events. */
export interface PageReported {
  readonly name: string;
  readonly isLabel?: true;
  readonly stream?: string;
  readonly data?: Json;
}

/** An effect as a page shows it: what was asked for, and what was answered. Times are in milliseconds since 1970. */
export interface PageEffect {
  readonly address: string;
  readonly what: string;
  readonly type: string;
  readonly request: Json;
  readonly outcome: { readonly kind: 'value' | 'error'; readonly value: Json };
  /** Of an HTTP answer. */
  readonly status?: number;
  readonly began: number;
  readonly ended: number;
  /** It was done to clean up after the attempt had been stopped. */
  readonly isCleanUp?: true;
}

/** What a replay, a comparison or an exploration says about the runs of a page. `pageReport` makes it. */
export interface PageReport {
  readonly verdict: string;
  readonly isGood: boolean;
  /** What the two values of a divergence are called. */
  readonly names: readonly [recorded: string, replayed: string];
  /** The text for people, in full. */
  readonly text: string;
  readonly divergences: readonly PageDivergence[];
  readonly roots: readonly PageRoot[];
  /** The order of completion that was found. */
  readonly schedule?: PageSchedule;
}

/** What has to come together, and how it gets into the result. */
export interface PageSchedule {
  /** As text, to be given back. */
  readonly text: string;
  /** What is held until when, what fails and where the process dies, each in a sentence. */
  readonly conditions: readonly string[];
  /** One for each attempt that something happens to. */
  readonly lanes: readonly PageLane[];
  /** In the order of the schedule. */
  readonly events: readonly PageEvent[];
  readonly variables: readonly PageVariable[];
}

/** A line of the picture of a schedule: an attempt that takes part in it. */
export interface PageLane {
  readonly at: string;
  readonly node: string;
}

/** A point in the picture of a schedule. `lane` is the index of its line. */
export interface PageEvent {
  readonly lane: number;
  readonly text: string;
  /** How many of the events before it had happened when it became ready. */
  readonly readyAfter: number;
  /** `held`: it came later than first in, first out. `awaited`: a held one came only after it. */
  readonly role: 'held' | 'awaited' | 'other';
}

/** A variable that attempts of the schedule wrote, and through which their order may reach the result. */
export interface PageVariable {
  readonly name: string;
  /** Where it stands: a file, and the closure in it. */
  readonly place: string;
  readonly writers: readonly PageLane[];
}

/** A divergence as a page shows it: at which task and path, in a sentence, and with both values. */
export interface PageDivergence {
  readonly kind: string;
  readonly at: string;
  readonly path: string;
  readonly sentence: string;
  /** Absent if there is nothing, which is not `null`. */
  readonly recorded?: Json;
  readonly replayed?: Json;
}

/**
 * A divergence that follows from no other, with its cause and what to do about it. Places are indexes into
 * `divergences` of the same report.
 */
export interface PageRoot {
  readonly place: number;
  readonly class: DivergenceClass;
  readonly mayBe: readonly DivergenceClass[];
  readonly next: string;
  readonly leadsTo: readonly number[];
}
