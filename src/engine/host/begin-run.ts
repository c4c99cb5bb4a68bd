// Begins a run: checks its input, writes its first entries, and takes its lease.
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { semanticsVersion } from '../../journal/entry.ts';
import type { CommitEntry, RunEntry } from '../../journal/entry.ts';
import type { RequestRules, RunTerms } from '../../journal/run-facts.ts';
import { rootScope, stepKey } from '../../journal/key.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { Lease } from '../../port/store.ts';
import { RunDrive } from '../drive/run-drive.ts';
import type { NewRunOptions, RunOptions } from '../options/run-options.ts';
import { initialState } from '../rules/initial-state.ts';
import type { InitialState } from '../rules/initial-state.ts';
import { checkBreakpoints, termsAfter } from '../rules/run-terms.ts';
import type { RunParts } from '../run/run-parts.ts';
import { RunStop } from '../run/run-stop.ts';
import type { RunContext } from './host-ports.ts';
import { makeRun } from './make-run.ts';
import type { OwnClaim, Owner } from './owner.ts';
import { timeNow } from './store-clock.ts';

/** A run that this engine owns, ready to be driven. */
export interface OwnedRun {
  readonly lease: Lease;
  /** With which it was begun or taken. */
  readonly claim: OwnClaim;
  readonly parts: RunParts;
  readonly drive: RunDrive;
}

export interface BeginSetup {
  readonly runId: string;
  readonly input: unknown;
  readonly options: RunOptions;
  readonly owner: Owner;
  readonly readers: ReaderGate | undefined;
}

/** @throws RepriseError `input-invalid`, `unstorable`, `option-invalid`, `run-exists`, and what the store throws */
export async function beginRun(context: RunContext, setup: BeginSetup): Promise<OwnedRun> {
  const { graph, ports } = context;
  const { runId, readers } = setup;
  // The turn is measured from here: a store may open its file first.
  ports.loop.isTurnOver();
  // Read at once: its caller may change the input.
  const first = firstState(context, setup.input);
  const { run, commit, state } = newRun(context, { ...setup, first }, await timeNow(ports.clock));
  const claim = setup.owner.claim();
  const lease = await ports.store.create(run, [commit], claim.claim);
  if (ports.loop.isTurnOver('pieces')) await new Promise<void>((resolve) => ports.loop.inLaterTurn(resolve));
  const parts = makeRun(context, {
    run,
    lease,
    ownLease: setup.owner,
    storedCount: 2,
    stop: new RunStop(runId),
    world: ports.world,
    parkMs: Number.POSITIVE_INFINITY,
    readers,
  });
  const checkpoint = { step: 0, state, frontier: commit.frontier, stepCount: 0 };
  return { lease, claim, parts, drive: new RunDrive(parts, graph, checkpoint) };
}

/** The entries that a run begins with. */
export interface NewRun {
  readonly run: RunEntry;
  readonly commit: CommitEntry;
  readonly state: Value;
}

/** `from`: when its time limit begins to count. @throws RepriseError `option-invalid` */
export function newRun(
  context: RunContext,
  {
    runId,
    first,
    options,
  }: Pick<BeginSetup, 'runId'> & { readonly first: InitialState; readonly options: NewRunOptions },
  from: number,
): NewRun {
  const { graph, ports } = context;
  checkBreakpoints(graph, options);
  const terms = termsAfter(undefined, options, from);
  const run = runEntry(context, { runId, seed: options.seed ?? ports.entropy.seed(), tenant: options.tenant }, terms);
  const observed = { time: ports.clock.now() };
  return { run, commit: { ...first.commit, at: stepKey(rootScope, 0), observed }, state: first.state };
}

/** What the journal of a run with this input begins with. @throws RepriseError `input-invalid`, `unstorable` */
export function firstState({ graph, settings, ports }: RunContext, input: unknown): InitialState {
  return initialState(graph, canonicalValue(input, 'the input', settings), ports.recorded?.later);
}

/** An input as the journal of a run holds it. @throws like `beginRun` */
export function firstInput(context: RunContext, input: unknown): Value {
  return firstState(context, input).commit.input;
}

interface RunIdentity {
  readonly runId: string;
  readonly seed: string;
  readonly tenant: string | undefined;
}

function runEntry(
  { graph, ports }: RunContext,
  { runId, seed, tenant }: RunIdentity,
  terms: RunTerms | undefined,
): RunEntry {
  const { semantics, rules } = ports.recorded ?? { semantics: semanticsVersion, rules: rulesOf(ports.sources) };
  return {
    kind: 'run',
    at: '',
    graph: graph.description,
    fingerprint: graph.fingerprint,
    semantics,
    seed,
    ...(rules === undefined ? {} : { rules }),
    observed: {
      runId,
      time: ports.clock.now(),
      ...(ports.surroundings === undefined ? {} : { surroundings: ports.surroundings() }),
      ...(terms === undefined ? {} : { terms }),
      ...(tenant === undefined ? {} : { tenant }),
    },
  };
}

/** Sources of one engine agree: there is one interception. */
export function rulesOf(sources: readonly EffectSource[]): RequestRules | undefined {
  return sources.find(({ rules }) => rules !== undefined)?.rules;
}
