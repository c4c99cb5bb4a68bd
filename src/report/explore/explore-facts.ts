// What an exploration of orders has shown, as data. It never says just "passed": each rung says what it showed, and with how
// many choices.
import type { Divergence } from '../../diff/divergence.ts';

/**
 * What an exploration has found, as plain data: what `explore` returns and `exploreText` prints. Branch on `verdict`.
 */
export interface ExploreFacts {
  readonly version: 1;
  readonly graph: string;
  /** Absent for an input with fakes. */
  readonly fixture?: string;
  readonly seed: string;
  readonly verdict: /** An order changes the result. */
    | 'found'
    /** No order changes anything, and a rung has proved it: `all orders`, or `watch` (with `within`). */
    | 'proved'
    /** No order that was tried changes anything. */
    | 'no difference'
    /** There is only one order. */
    | 'nothing to explore'
    /** The same order came out differently the second time, so nothing can be said about orders. */
    | 'not repeatable'
    /** The run did not end: its code waits for something that nobody controls. */
    | 'stuck'
    /** The run does not come out as recorded, and not because of the order. */
    | 'other than recorded';
  /** The run itself, first in, first out. */
  readonly run: ExploredRun;
  readonly rungs: readonly Rung[];
  /**
   * `fresh`: each run had a graph of its own. `shared`: what one run left in a variable was there in the next, so only a watch
   * that saw no variable written proves anything.
   */
  readonly variables: 'fresh' | 'shared';
  /** All runs that were made, those for shrinking included. */
  readonly schedules: number;
  readonly finding?: Finding;
  /** The file beside the fixture that now holds the schedule of the finding. */
  readonly kept?: string;
  /** For `not repeatable` and `other than recorded`: what differed. */
  readonly divergences?: readonly Divergence[];
  /** For `not repeatable`: the first event that became ready otherwise the second time. */
  readonly unlike?: UnlikeEvent;
  /** What no order could bring earlier, since the recording does not hold it. Then nothing is proved. */
  readonly untried?: readonly Untried[];
  /** Where first a time that was read, or a value that was drawn, came out differently, and nothing else. */
  readonly readings?: Pick<Divergence, 'at' | 'step' | 'node' | 'path'>;
  /** What nobody sees and what took longer than a second. */
  readonly uncontrolled: readonly Uncontrolled[];
}

export interface UnlikeEvent {
  readonly event: string;
  readonly node: string;
  /** What had happened last when it became ready, each time: empty at the beginning, `null` if it never became ready. */
  readonly after: readonly [first: string | null, second: string | null];
  /** What became ready in its place the second time. */
  readonly instead?: string;
  readonly insteadNode?: string;
}

/** How large the explored run is, and how much of its order was open. */
export interface ExploredRun {
  readonly steps: number;
  readonly tasks: number;
  readonly events: number;
  /** How often more than one thing was ready. */
  readonly choices: number;
  /** How many were ready at once, at most. */
  readonly widest: number;
}

/** One stage of an exploration, and how far it got. A stage that did not apply says why in `skipped`. */
export type Rung =
  /** `isWarm`: the second run found in the variables of the graph what the first had left there. */
  | { readonly name: 'self-check'; readonly runs: number; readonly isSame: boolean; readonly isWarm?: true }
  | WatchRung
  /**
   * `of`: there are about so many, too many to run them all. `watched`: in so many runs nothing was written, so with what
   * each attempt got in one of them, no order between tasks can matter.
   */
  | {
      readonly name: 'within';
      readonly orders: number;
      readonly isComplete: boolean;
      readonly of?: number;
      readonly watched?: number;
    }
  | { readonly name: 'pairs'; readonly schedules: number; readonly seen: number; readonly of: number }
  | { readonly name: 'triples'; readonly schedules: number; readonly seen: number; readonly of: number }
  /** `grain`: once an answer has begun to come, all of it comes. There are other orders then. */
  | {
      readonly name: 'all orders';
      readonly orders: number;
      readonly isComplete: boolean;
      readonly grain?: 'answers';
    }
  /** `next`: the number of the drawn order with which it continues. */
  | { readonly name: 'search'; readonly schedules: number; readonly next: number }
  | { readonly name: 'given'; readonly schedule: string }
  /** `stale`: they name what the run does not have any more. */
  | { readonly name: 'saved'; readonly schedules: number; readonly stale: number }
  | DeathsRung
  | FaultsRung
  | { readonly name: 'combined'; readonly schedules: number; readonly unrecorded: number }
  | { readonly name: Exclude<RungName, 'self-check'>; readonly skipped: string };

/** A stage of an exploration, by the name under which reports list it. */
export type RungName =
  | 'self-check'
  | 'watch'
  | 'within'
  | 'pairs'
  | 'triples'
  | 'all orders'
  | 'search'
  | 'given'
  | 'saved'
  | 'crashes'
  | 'faults'
  /** Orders, deaths and faults together. */
  | 'combined';

/** The process died, and another one resumed the run. */
export interface DeathsRung {
  readonly name: 'crashes';
  /** How many writes and requests the run has when nothing dies. */
  readonly writes: number;
  readonly requests: number;
  /** `twice`: runs in which the process that resumed died as well. */
  readonly tried: {
    readonly beforeWrites: number;
    readonly afterWrites: number;
    readonly requests: number;
    readonly twice: number;
  };
  readonly sentTwice: readonly SentTwice[];
  /** Runs that ended in doubt about an effect, or ask about it: nobody repeats it unasked. */
  readonly inDoubt: readonly { readonly effect: string; readonly schedule: string }[];
}

/** An effect whose request left twice, so that the outside has to know it again. */
export interface SentTwice {
  readonly event: string;
  readonly node: string;
  /** What it asks for, where that is known. */
  readonly asked?: string;
  /** Of an exchange, those that `idempotencyHeader` of `httpEffects` would send; by default none leaves. */
  readonly keys: 'same' | 'different';
  readonly idempotencyKeys: readonly string[];
  /** Where it did. */
  readonly schedule: string;
}

/** Something failed that did not. */
export interface FaultsRung {
  readonly name: 'faults';
  /** How many there are to try. */
  readonly of: number;
  readonly rows: readonly FaultRow[];
}

export interface FaultRow {
  /** The answer that it comes in the place of. */
  readonly event: string;
  readonly node: string;
  /** What was asked for, in words: `GET /orders/B-2`. */
  readonly asked?: string;
  /** As the schedule says it: `error`, `timeout`, … */
  readonly kind: string;
  /** What is wrong with the answer, in words. */
  readonly says: string;
  readonly schedule: string;
  readonly became: /** The run ended with the same state: it was tried again, or nothing depends on it. */
    | 'same state'
    /** It ended as before, with another state: a node has handled it. */
    | 'other state'
    | 'failed'
    | 'cancelled'
    | 'paused'
    | 'interrupted'
    | 'done'
    /** The run never ended. */
    | 'stuck'
    /** It asked for something that the recording does not hold, so what becomes of it is not known. */
    | 'unrecorded';
  /** The error of the run, or what it asked for. */
  readonly detail?: string;
}

/** Variables outside of the journal, read after each event. */
export interface WatchRung {
  readonly name: 'watch';
  /** How many runs were watched, in one process, one after another. */
  readonly runs: number;
  readonly variables: number;
  readonly files: number;
  readonly written: readonly WrittenVariable[];
  /** Whether an attempt had two things to wait for at once: then its own orders are left to be tried. */
  readonly hasSeveralWaits: boolean;
  /** What no watch sees, and variables that could not be read to their end. */
  readonly unseen: readonly string[];
}

export interface WrittenVariable {
  /** What a package keeps in closures of its own goes by the name of the variable in your code that holds it. */
  readonly name: string;
  /** Relative to the project; empty for `globalThis` and `process.env`. */
  readonly file: string;
  /** Where the file declares it, from 1 on. Absent where no line says it, or several do. */
  readonly line?: number;
  /** `Module`, or the closure that it stands in. */
  readonly scope: string;
  /**
   * `shared`: several attempts wrote it. `single`: one did. `settled`: only the first run in the process did, as with a
   * client that is made when it is first needed.
   */
  readonly class: 'shared' | 'single' | 'settled';
  readonly writers: readonly { readonly at: string; readonly node: string }[];
}

/** What an exploration found, made as small as it could: the `schedule` alone shows it again, given to `only`. */
export interface Finding {
  readonly kind: /** The run comes out differently. */
    | 'difference'
    /** What the caller demands does not hold. */
    | 'invariant'
    /** The run does not end. */
    | 'stuck'
    /** What has left, and whose answer is late, leaves again under another idempotency key. */
    | 'double effect'
    /** The journal of the run breaks a law of journals. */
    | 'journal';
  readonly rung: RungName;
  /** How many schedules had been tried, this one included. */
  readonly after: number;
  /** As text, to be given back. */
  readonly schedule: string;
  readonly holds: readonly NamedHold[];
  /**
   * What happened from the moment at which a held event could have come until it did, in the order of this schedule. Of a
   * long order only the beginning. Absent where not an order alone was found.
   */
  readonly order?: readonly OrderedEvent[];
  /** Where the process died, each as the schedule says it. */
  readonly deaths?: readonly string[];
  /** What the write holds at which it did, for each of them; empty where it died at a request. */
  readonly deathWrites?: readonly string[];
  /** Where a process died: what left more often, or less often, than when nothing dies. */
  readonly sent?: readonly SentOtherwise[];
  /** What failed. */
  readonly faults?: readonly NamedFault[];
  /** How many holds, deaths and faults it had, and how many runs it took to take the rest away. */
  readonly shrunk: { readonly from: number; readonly runs: number };
  /** From the run first in, first out. In the order of the run; the first is where it begins. */
  readonly divergences: readonly Divergence[];
  /** First in, first out is not as recorded, so the divergences are from the recording. */
  readonly isFromRecorded?: true;
  /** In this order the run comes out as recorded, so the divergences are those of first in, first out. */
  readonly isAsRecorded?: true;
  /**
   * Addresses of requests in `divergences` to which the recording holds no answer. What follows from one of them follows from
   * that, and not from the order: in a live run it would be answered.
   */
  readonly unanswered?: readonly string[];
  /** While all clocks stand still, the order changes nothing: code makes something of the times that it reads. */
  readonly by?: 'clock';
  /** What the invariant said. */
  readonly message?: string;
  /**
   * Variables that the attempts of the schedule wrote: how the order gets into the result. Of an order within one attempt
   * only those that hold something else at the end: others stand beside the local variables that carry it. Where a process
   * died, those that hold something else in the end than when nothing dies.
   */
  readonly variables?: readonly WrittenVariable[];
}

/** An effect that left more often, or less often, than in the run in which nothing dies. */
export interface SentOtherwise {
  /** The answer that it asks for. */
  readonly event: string;
  readonly node: string;
  /** What it asks for, where that is known. */
  readonly asked?: string;
  /** How often it left, and how often it does when nothing dies. */
  readonly times: number;
  readonly usual: number;
  /** Whether the outside can tell by the idempotency key that it is the same. */
  readonly keys: 'same' | 'different';
}

export interface OrderedEvent {
  readonly event: string;
  /** How many of the events listed before it had happened when it became ready. */
  readonly readyAfter: number;
}

/** What an effect got in place of its answer. */
export interface NamedFault {
  /** As the schedule says it. */
  readonly fault: string;
  readonly event: string;
  readonly node: string;
  /** What was asked for, in words: `GET /orders/B-2`. */
  readonly asked?: string;
  /** What is wrong with the answer, in words. */
  readonly says: string;
}

/** An event that comes only after another one, each with the node that it belongs to. */
export interface NamedHold {
  readonly event: string;
  readonly node: string;
  readonly until: string;
  readonly untilNode: string;
  /** What was asked for, in words, where the event is about something of the kind: with what tells the two apart. */
  readonly asked?: string;
  readonly untilAsked?: string;
}

export interface Untried {
  /** The answer, by the address of its effect, or the timer. */
  readonly event: string;
  readonly node: string;
  /** What was asked for, in words. */
  readonly what?: string;
  readonly why: /** No answer is recorded, or not the whole of it, since the node had ended. */
    | 'not recorded'
    /** The same, since the node had given it up. */
    | 'given up'
    /** It had not fired when the run was recorded, and was still set when the node had ended. */
    | 'timer'
    /** Node's own work, such as reading a file, beside something else: `event` is its attempt. */
    | 'work';
}

/**
 * A place where code waits for something that neither the recording nor the explorer controls: replace it by an effect,
 * or the order around it cannot be tried.
 */
export interface Uncontrolled {
  readonly at: string;
  readonly node: string;
  /** Where its code waits, as far as it can be told. */
  readonly stack?: string;
}
