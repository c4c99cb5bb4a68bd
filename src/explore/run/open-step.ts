// The step in which a run came to a stand after it had asked for something that is not recorded: nothing could answer it.
// Nobody knows what it would have come to with an answer, so of this step nothing differs but what was asked for.
import type { Divergence } from '../../diff/divergence.ts';
import { matchesAddress, parseAddress } from '../../journal/address.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Finding } from '../../report/explore/explore-facts.ts';
import { arrivalKey } from '../order/arrival-key.ts';
import type { ScheduledRun } from './run-once.ts';

/** What of these divergences is a request that nothing could answer. */
export function unansweredIn(
  divergences: readonly Divergence[],
  { world }: Pick<ScheduledRun, 'world'>,
): Pick<Finding, 'unanswered'> {
  const missing = world.missing();
  const unanswered = divergences.flatMap(({ kind, at, address }) => {
    const asked = missing.get(at as AttemptKey) ?? [];
    if (address === undefined || asked.length === 0) return [];
    if (kind === 'request') return [address];
    const named = kind === 'missing effect' ? parseAddress(address) : undefined;
    return named !== undefined && asked.some((ref) => matchesAddress(named, { ...ref, at: named.at })) ? [address] : [];
  });
  return unanswered.length === 0 ? {} : { unanswered };
}

export function asksInVain({ world }: Pick<ScheduledRun, 'world'>): boolean {
  return world.missing().size > 0;
}

/** The steps of a run, with the one that it did not end as another run has it, but for what was not asked for here. */
export function withOpenStep(
  other: readonly CanonicalStep[],
  run: Pick<ScheduledRun, 'run' | 'steps' | 'trace' | 'givenUp' | 'world'>,
): readonly CanonicalStep[] {
  const open = other[run.steps.length];
  if (run.run !== undefined || open === undefined || !asksInVain(run)) return run.steps;
  const known = new Set([...run.trace, ...run.givenUp].map(({ event }) => event.key));
  const entries = open.entries.filter(
    (entry) => entry.kind !== 'effect' || known.has(arrivalKey({ kind: 'effect', at: entry.at, effect: entry })),
  );
  return [...run.steps, { ...open, entries }];
}
