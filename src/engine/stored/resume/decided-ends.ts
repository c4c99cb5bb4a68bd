// Attempts that ended with an effect in doubt, or were being stopped by it, before somebody decided about it. Their run was
// about to fail when its process died: like those of a run that has failed, they are followed by another attempt.
import { fullAddressText } from '../../../journal/address.ts';
import { addressInDoubt } from '../../../journal/address-in-doubt.ts';
import { entryIdentity } from '../../../journal/entry-identity.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { AttemptKey } from '../../../journal/key.ts';

export function decidedEnds(openStep: readonly Entry[]): readonly AttemptKey[] {
  if (!openStep.some((entry) => beginDecided(entry) !== undefined)) return [];
  const addresses = new Map(
    openStep.flatMap((entry) =>
      entry.kind === 'begin' ? [[entryIdentity(entry), fullAddressText(entry.at, entry)] as const] : [],
    ),
  );
  const ended = new Map<string, AttemptKey[]>();
  return openStep.flatMap((entry) => {
    const inDoubt = addressOfEnd(entry);
    if (inDoubt !== undefined) ended.set(inDoubt, [...(ended.get(inDoubt) ?? []), entry.at as AttemptKey]);
    const begin = beginDecided(entry);
    const decided = begin === undefined ? undefined : addresses.get(begin);
    return decided === undefined ? [] : (ended.get(decided) ?? []);
  });
}

/** The identity of the `begin` entry that a decision is about. */
function beginDecided(entry: Entry): string | undefined {
  const decides = entry.kind === 'note' ? entry.observed.decides : undefined;
  return decides?.decided === undefined ? undefined : decides.begin;
}

function addressOfEnd(entry: Entry): string | undefined {
  if (entry.kind === 'stop') return entry.error === undefined ? undefined : addressInDoubt(entry.error);
  return entry.kind === 'outcome' && entry.result.status === 'failed' ? addressInDoubt(entry.result.error) : undefined;
}
