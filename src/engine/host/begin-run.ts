// Begins a run: checks its input, writes its first entries, and takes its lease.
import { nearestName } from '../../base/nearest-name.ts';
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import { semanticsVersion } from '../../journal/entry.ts';
import type { CommitEntry, RequestRules, RunEntry } from '../../journal/entry.ts';
import { rootScope, stepKey } from '../../journal/key.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import type { ReaderGate } from '../../port/reader-gate.ts';
import type { Lease } from '../../port/store.ts';
import { RunDrive } from '../drive/run-drive.ts';
import type { BreakpointOptions, RunOptions } from '../options/run-options.ts';
import { initialState } from '../rules/initial-state.ts';
import type { Breakpoints, RunParts } from '../run/run-parts.ts';
import { RunStop } from '../run/run-stop.ts';
import type { RunContext } from './host-ports.ts';
import { makeRun } from './make-run.ts';
import type { Owner } from './owner.ts';

/** A run that this engine owns, ready to be driven. */
export interface OwnedRun {
  readonly lease: Lease;
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
  const { graph, ports, settings } = context;
  const { runId, options, readers } = setup;
  const given = canonicalValue(setup.input, 'the input', settings);
  const first = initialState(graph, given);
  const run = runEntry(context, runId, options.seed ?? ports.entropy.seed());
  const commit: CommitEntry = {
    ...first.commit,
    at: stepKey(rootScope, 0),
    observed: { time: ports.clock.now() },
  };
  const breakpoints = breakpointsOf(graph, options);
  const lease = await ports.store.create(run, [commit], setup.owner.claim());
  const parts = makeRun(context, {
    run,
    lease,
    storedCount: 2,
    stop: new RunStop(runId),
    world: ports.world,
    breakpoints,
    parkMs: Number.POSITIVE_INFINITY,
    readers,
  });
  const checkpoint = { step: 0, state: first.state, frontier: first.commit.frontier, stepCount: 0 };
  return { lease, parts, drive: new RunDrive(parts, graph, checkpoint) };
}

function runEntry({ graph, ports }: RunContext, runId: string, seed: string): RunEntry {
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
    },
  };
}

/** Sources of one engine agree: there is one interception. */
export function rulesOf(sources: readonly EffectSource[]): RequestRules | undefined {
  return sources.find(({ rules }) => rules !== undefined)?.rules;
}

/** @throws RepriseError `option-invalid` for a node that the graph does not have */
export function breakpointsOf(graph: GraphSpec, { pauseBefore = [], pauseAfter = [] }: BreakpointOptions): Breakpoints {
  checkNodes(graph, 'pauseBefore', pauseBefore);
  checkNodes(graph, 'pauseAfter', pauseAfter);
  return { before: new Set(pauseBefore), after: new Set(pauseAfter) };
}

function checkNodes(graph: GraphSpec, option: keyof BreakpointOptions, names: readonly string[]): void {
  const unknown = names.find((name) => !graph.nodes.has(name));
  if (unknown === undefined) return;
  const known = [...graph.nodes.keys()];
  const nearest = nearestName(unknown, known);
  throw new RepriseError('option-invalid', `option "${option}": graph "${graph.name}" has no node "${unknown}"`, {
    nextStep: nearest === undefined ? `Its nodes are ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
    fields: { option },
  });
}
