import type { CanonicalStep } from '../../journal/run/canonical.ts';
import type { Entry, RunEnd } from '../../journal/entry.ts';
import type { NodeNames } from '../../journal/run/renamed-nodes.ts';
import type { Adopting } from '../world/fixture-world-options.ts';
import { notRecorded } from '../recorded/recording.ts';

/** An entry with the marks of the recorded one; that one itself if they are the same. */
export type RedactAdopted = (recorded: Entry, replayed: Entry) => Entry;

/** A replay whose journal takes the place of its fixture: the code is right, and the recording is what has to change. */
export interface Adoption extends Pick<Adopting, 'asksOutside'> {
  /** Today's names of nodes, by the recorded ones. */
  readonly names: NodeNames;
  /** What asks the outside may hold marks of what is redacted. */
  readonly sendsMarks?: boolean;
  /** A step is answered from the recorded one of its number, and from no other. */
  readonly isInPlace?: true;
  /** Called with each step of the replay, as it was: nothing of it is redacted. */
  readonly step: (replayed: CanonicalStep, redact: RedactAdopted) => void;
}

/** Whether a replay ended because its recording does, which says nothing of how its run ended. */
export function isCutOff(end: RunEnd): boolean {
  return end.status === 'cancelled' && end.reason === (notRecorded as { readonly reason: string }).reason;
}
