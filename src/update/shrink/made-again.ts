// The recording of a smaller world. What a run was given has been made smaller, so what it did is no longer what would
// have been recorded. Nobody has the code of then; but up to the divergence today's code does the same, and so says it.
//   M1. Every step before the divergence is what today's code makes of the smaller world.
//   M2. The task that diverges keeps what was recorded of it. So a smaller recording diverges as the first one did only if
//       what was left out has nothing to do with it.
import type { AnyGraph } from '../../graph/built-graph.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import type { Entry } from '../../journal/entry.ts';
import type { ReplayOptions } from '../../replay/session/replay-options.ts';
import { ReplaySession } from '../../replay/session/replay-session.ts';
import type { Fixture, WholeStep } from '../../store/fixture/open-fixture.ts';
import { mergedStep, withoutOrder } from '../merged-step.ts';

/** Where the first divergence is. `task`: its recorded key; undefined if it is about the step. */
export interface DivergedAt {
  readonly step: number;
  readonly task: string | undefined;
  /** What comes next differs too, or it is about that. */
  readonly keepsCommit: boolean;
}

/** All entries of the recording, in the order in which things happened; undefined if the run no longer comes to that step. */
export async function madeAgain(
  graph: AnyGraph,
  fixture: Fixture,
  options: ReplayOptions,
  diverged: DivergedAt,
): Promise<readonly Entry[] | undefined> {
  const recorded = fixture.wholeSteps();
  const made: Entry[] = [];
  let isComplete = false;
  const session: ReplaySession = new ReplaySession(graph, fixture, options, {
    asksOutside: false,
    isInPlace: true,
    names: new Map(),
    step: (replayed, redact) => {
      if (isComplete) return;
      const next = recorded.next();
      if (next.done === true) return;
      const whole = next.value;
      const { partners, moved, followed } = session.observations;
      const { entries } = mergedStep({ ...whole, isMoved: false, isMixed: false }, asRecordedRun(replayed, whole), {
        partners,
        moved: new Set([...moved].map(entryIdentity)),
        adopted: () => undefined,
        pooled: { late: new Set(), rests: new Set() },
        today: () => undefined,
        next: followed.next,
        redact,
      });
      isComplete = whole.step === diverged.step;
      made.push(...(isComplete ? divergedStep(whole, entries, partners, diverged) : entries));
    },
  });
  await session.run();
  return isComplete ? made : undefined;
}

function asRecordedRun(replayed: CanonicalStep, { entries }: WholeStep): CanonicalStep {
  const run = entries.find(({ kind }) => kind === 'run');
  if (run === undefined) return replayed;
  return { ...replayed, entries: replayed.entries.map((entry) => (entry.kind === 'run' ? run : entry)) };
}

/** The merged step, but for the task that diverges. */
function divergedStep(
  whole: WholeStep,
  merged: readonly Entry[],
  partners: ReadonlyMap<string, string>,
  { task, keepsCommit }: DivergedAt,
): readonly Entry[] {
  const isCommit = ({ kind, at }: Entry): boolean => (kind === 'commit' && !at.includes('/')) || kind === 'end';
  const ofRecorded = whole.happened.filter(isCommit);
  const ofMerged = merged.filter(isCommit);
  const last = keepsCommit || ofMerged.length === 0 ? ofRecorded : ofMerged;
  const others = merged.filter((entry) => !isCommit(entry));
  if (task === undefined) return [...others, ...last];
  const today = [...partners].find(([, before]) => before.startsWith(`${task}#`))?.[0].split('#', 1)[0] ?? task;
  const own = whole.happened.filter(({ at }) => at.startsWith(`${task}#`));
  const isMoved = today !== task || others.length + last.length !== whole.happened.length - own.length;
  const kept = own.map((entry) => ({ ...entry, at: `${today}${entry.at.slice(task.length)}` }) as Entry);
  const rest = others.filter(({ at }) => !at.startsWith(`${today}#`));
  return [...[...rest, ...kept].map((entry) => (isMoved ? withoutOrder(entry) : entry)), ...last];
}
