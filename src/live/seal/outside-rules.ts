// Decides about what tries to leave this process other than by a recorded exchange: in a replayed node it is refused, in a
// live one noted, and what belongs to no node is counted while a replay watches, or refused while the process is sealed.
//   S1. A call belongs to the attempt in whose asynchronous context it is made, and to no other: each replay refuses what
//       its own nodes try, and nothing else.
//   S2. The inside of an effect is no gap in the record, so a live run does not note it. A replay performs nothing, so for
//       it the inside is a node like any other.
//   S3. Traffic of no node is counted for each replay that is on, since any of them may have caused it.
//   S4. What a store sends to its server is nobody's.
//   S5. Telemetry that is no part of a run is neither noted nor blamed on a node. It does not leave a replay all the same.
import { RepriseError } from '../../base/error.ts';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import type { EndpointRequest } from '../../journal/http/endpoint-pattern.ts';
import { outsideEndpoint } from '../../journal/http/outside-endpoints.ts';
import type { OutsideCall, Seal } from '../../port/seal.ts';
import { isOfStore } from '../../port/store-traffic.ts';
import { callerStack, stackText } from '../caller-stack.ts';
import { isOfLoader } from './loaders.ts';
import { whatToWrap } from './what-to-wrap.ts';

/** Something that tries to leave. Its texts are made only when somebody asks for them. */
export interface Leaving {
  readonly what: () => string;
  /** The other end, such as "127.0.0.1:5432". */
  readonly host: () => string;
  /** How much it sends: what opens a connection sends nothing yet, and counts as no traffic. A process sends what it likes. */
  readonly bytes?: number;
  /** Set for requests, and for the connections that are opened for them. */
  readonly kind?: 'request' | 'connection';
  /** Set for requests of a known address. */
  readonly request?: () => EndpointRequest | undefined;
}

/** What watches traffic that belongs to no node. */
export interface Tripwire {
  count(host: string, bytes: number): void;
}

/** Hears of what a sealed process refused to code outside of any node. */
export type OnRefused = (call: OutsideCall) => void;

const tripwires: Tripwire[] = [];
const processSeals: OnRefused[] = [];

/** Counts what leaves while belonging to no node, until the returned function is called. */
export function watchTraffic(tripwire: Tripwire): () => void {
  return added(tripwires, tripwire);
}

/** Refuses what code outside of any node tries, until the returned function is called. */
export function refuseOutsideNodes(onRefused: OnRefused): () => void {
  return added(processSeals, onRefused);
}

function added<Item>(list: Item[], item: Item): () => void {
  list.push(item);
  return () => {
    const place = list.indexOf(item);
    if (place >= 0) list.splice(place, 1);
  };
}

/** Whether calls outside of any node matter to anybody. */
export function isProcessWatched(): boolean {
  return tripwires.length > 0 || processSeals.length > 0;
}

/** Whether a call in this context matters to anybody. */
export function hasAttemptOrWatch(): boolean {
  return currentAttempt.getStore() !== undefined || isProcessWatched();
}

export function isProcessSealed(): boolean {
  return processSeals.length > 0;
}

/** `refusalTo` for a call that belongs to the attempt of the current context. */
export function refusalOf(leaving: Leaving, door: object): Error | undefined {
  return refusalTo(currentAttempt.getStore(), leaving, door);
}

/**
 * The error that refuses a call, or `undefined` if it may leave. `attempt` is the one that the call belongs to. `door` is the
 * function of ours that the caller called: its frames are not the caller's.
 */
export function refusalTo(attempt: CurrentAttempt | undefined, leaving: Leaving, door: object): Error | undefined {
  if (isOfStore()) return undefined;
  if (attempt?.seal !== undefined) return refusalOfNode(leaving, door, attempt, attempt.seal);
  if (attempt !== undefined && attempt.isPerforming !== true) note(attempt, leaving, door);
  return attempt?.isOpen === true ? undefined : refusalOfNobody(leaving, door);
}

function refusalOfNode(leaving: Leaving, door: object, attempt: CurrentAttempt, seal: Seal): Error | undefined {
  const frames = callerStack(door);
  if (isOfLoader(frames)) return undefined;
  const { at, node } = attempt;
  const call = { what: leaving.what(), at, node, stack: stackText(frames) };
  if (isTold(attempt, leaving)) return refusalError(call);
  const telemetry = telemetryOf(attempt, leaving);
  if (telemetry === undefined) return seal.refuse(call);
  seal.answeredOutside({ endpoint: telemetry, host: leaving.host() });
  return refusalError(call);
}

/** The name of the endpoint. Without its token a node could not continue, so a credential request is like any other. */
function telemetryOf({ http }: CurrentAttempt, { request }: Leaving): string | undefined {
  const asked = http.rules?.outside === undefined ? undefined : request?.();
  const found = asked === undefined ? undefined : outsideEndpoint(http.rules, asked);
  return found?.kind === 'telemetry' ? found.name : undefined;
}

function refusalOfNobody(leaving: Leaving, door: object): Error | undefined {
  if (processSeals.length === 0) {
    if (leaving.bytes !== undefined) for (const tripwire of tripwires) tripwire.count(leaving.host(), leaving.bytes);
    return undefined;
  }
  const frames = callerStack(door);
  if (isOfLoader(frames)) return undefined;
  const call: OutsideCall = Object.freeze({ what: leaving.what(), stack: stackText(frames) });
  for (const onRefused of processSeals) if (!isTold(onRefused, leaving)) onRefused(call);
  return refusalError(call);
}

/** The hosts that requests were refused to, by who was told so. */
const refusedHosts = new WeakMap<object, Set<string>>();

/** A client whose request was refused may still open the connection for it: that is the same try. */
function isTold(who: object, leaving: Leaving): boolean {
  if (leaving.kind === undefined) return false;
  const host = leaving.host();
  const hosts = refusedHosts.get(who);
  if (leaving.kind === 'connection') return hosts?.has(host) ?? false;
  if (hosts === undefined) refusedHosts.set(who, new Set([host]));
  else hosts.add(host);
  return false;
}

/** What is noted already, so that a chatty connection is one note. */
const noted = new WeakMap<CurrentAttempt, Set<string>>();

function note(attempt: CurrentAttempt, leaving: Leaving, door: object): void {
  let hosts = noted.get(attempt);
  if (hosts === undefined) {
    hosts = new Set();
    noted.set(attempt, hosts);
  }
  const host = leaving.host();
  if (hosts.has(host)) return;
  hosts.add(host);
  if (telemetryOf(attempt, leaving) !== undefined) return;
  const wrap = whatToWrap(callerStack(door));
  attempt.noteUnrecorded(`${leaving.what()} is not recorded: this run may not replay; ${wrap}`);
}

export function refusalError({ what, node, stack }: OutsideCall): RepriseError {
  return node === undefined
    ? new RepriseError(
        'effect-refused',
        `${what} was tried outside of any node, which a sealed process does not allow`,
        {
          nextStep: 'Do it inside a node, or keep it out of the modules that the replay loads.',
          fields: { what },
        },
      )
    : new RepriseError('effect-refused', `node "${node}" tried ${what}, which a replay does not allow`, {
        nextStep: `So that its outcome is recorded and given back, ${whatToWrap(stack.split('\n'))}.`,
        fields: { what, node },
      });
}
