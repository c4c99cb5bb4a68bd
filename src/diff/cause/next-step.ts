// What to do about a divergence. A class says it in general; whether an intended change can be accepted as it is depends on what
// the code asks for: an update has the recorded answers, gets others only live, and asks nobody.
import { parseAddress } from '../../journal/address.ts';
import type { EffectType } from '../../journal/entry.ts';
import type { Divergence } from '../divergence.ts';
import { divergenceClasses } from './divergence-class.ts';
import { outsideStep } from './outside-step.ts';
import type { RootCause } from './root-cause.ts';

type Root = Pick<RootCause, 'class' | 'place' | 'leadsTo'>;

/** Of a root: it and what follows from it, as far as the replay came. */
export function nextStepOf(root: Root, divergences: readonly Divergence[]): string {
  const next = stepByClass(root, divergences);
  const found = divergences[root.place];
  const outside = found === undefined ? undefined : outsideStepOf(found);
  return outside === undefined ? next : `${outside}; otherwise ${next}`;
}

/** For a request that only one of the runs makes. */
export function outsideStepOf({ kind, path, recorded, replayed }: Divergence): string | undefined {
  if (path !== 'request') return undefined;
  if (kind === 'missing effect') return outsideStep(replayed);
  return kind === 'unused effect' ? outsideStep(recorded) : undefined;
}

function stepByClass({ class: name, place, leadsTo }: Root, divergences: readonly Divergence[]): string {
  const { next } = divergenceClasses[name];
  const found = [place, ...leadsTo].flatMap((index) => divergences[index] ?? []);
  const asked = new Set(found.flatMap(askedType));
  const how = divergences[place]?.path === 'answer' ? divergences[place].replayed : undefined;
  if (how === leftOpen) return awaitIt;
  if (how === stoppedUnread) return readIt;
  if ([...asked].some(isOfPeople)) return next.replace(acceptance, recordAgain);
  if (name === 'request changed' && ![...asked].some(isOfOutside)) return next.replace(acceptance, acceptOffline);
  return [...asked].some(isOfOutside) ? next.replace(offline, live) : next;
}

/** Whether the code waits for people, or for signals, where the recording has no answer. */
export function asksPeople(divergences: readonly Divergence[]): boolean {
  return divergences.some(
    (found) =>
      askedType(found).some(isOfPeople) || (found.path === 'end' && /^waits for /.test(String(found.replayed))),
  );
}

const acceptance =
  /(?:accept (?:it|them)|record it|write the fixture again) with `npx reprise replay --update(?: --live)?`/;
/** How the comparison says that nobody waited for an answer. */
const leftOpen = 'left open';
const stoppedUnread = 'stopped unread';
const readIt = 'read the answer to its end; if nothing of it is needed, accept it with `npx reprise replay --update`';
const awaitIt =
  '`await` the request, and read its answer to the end; if it may be left open, accept it with `npx reprise replay --update`';
const offline = '`npx reprise replay --update`';
const live = '`npx reprise replay --update --live`';
const recordAgain = 'record the run again: an update asks nobody, and waits for no signal';
const acceptOffline = `accept it with ${offline}`;

/** The type of an effect that the recording has no answer for. */
function askedType({ kind, path, address }: Divergence): readonly EffectType[] {
  if (path === 'once') return [];
  if (kind !== 'request' && kind !== 'missing effect') return [];
  const type = address === undefined ? undefined : parseAddress(address)?.type;
  return type === undefined ? [] : [type];
}

function isOfPeople(type: EffectType): boolean {
  return type === 'ask' || type === 'receive';
}

function isOfOutside(type: EffectType): boolean {
  return type === 'call' || type === 'http';
}
