// A recorded answer as msw takes it: a Response that gives the parts of its body one by one, or an error to throw.
import type { PlaceholderAnswer } from '../journal/http/placeholder-answers.ts';
import { factsOf } from '../journal/entry.ts';
import { liveClock } from '../live/clock.ts';
import { realWaitImmediate } from '../live/event-loop/real-timers.ts';
import { hasBody, readRecordedAnswer } from '../live/http/answer/recorded-answer.ts';
import type { RecordedAnswer } from '../live/http/answer/recorded-answer.ts';
import { asSent } from '../live/http/answer/sent-form.ts';
import type { Exchange } from './recorded-exchanges.ts';

/** `speed`: how many times as fast as recorded; 0 for at once. */
export async function recordedResponse(exchange: Exchange, request: Request, speed: number): Promise<Response> {
  const answer = readRecordedAnswer(exchange.outcome, factsOf(exchange));
  const { head, end } = answer;
  const wait = pauseOf(exchange, answer.parts.length, speed);
  await wait?.();
  if (head === undefined) {
    if (end.kind === 'broken') throw asThrown(end.error ?? new TypeError('terminated'));
    return silence(request.signal);
  }
  const framed = asSent(head, answer);
  const body = hasBody(request.method, head.status)
    ? bodyOf({ ...answer, parts: framed.parts }, request.signal, { wait, patience: patienceOf(exchange) })
    : null;
  const headers = new Headers();
  for (const [name, value] of framed.headers) headers.append(name, value);
  return new Response(body, { status: head.status, statusText: head.statusText, headers });
}

export function placeholderResponse({ status, headers, body }: PlaceholderAnswer): Response {
  return new Response(status === 204 ? null : body, { status, headers: headers.map(([name, value]) => [name, value]) });
}

/**
 * msw hands on an error as it is if it has the marks of one of Node's, and makes an answer with status 500 of any other.
 */
export function asThrown(error: Error): Error {
  for (const mark of ['code', 'errno'])
    if (!(mark in error)) Object.defineProperty(error, mark, { value: undefined, configurable: true, writable: true });
  return error;
}

/** Nothing was recorded of what came after: its client had stopped waiting, and this one has to as well. */
function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function bodyOf(
  { parts, end }: RecordedAnswer,
  signal: AbortSignal,
  { wait, patience }: Pauses,
): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // msw does not stop the body of a request that its client has stopped.
        signal.addEventListener('abort', () => controller.error(signal.reason), { once: true });
      },
      async pull(controller) {
        // The first part comes with the head. Its reader may stop the rest.
        if (next > 0) await (wait?.() ?? realWaitImmediate());
        if (signal.aborted) return;
        const part = parts[next];
        next += 1;
        if (part !== undefined) {
          controller.enqueue(part);
          // With its last part, since msw breaks off an answer that ends later where `got` has sent a body.
          if (next === parts.length && end.kind === 'complete' && wait === undefined) controller.close();
        } else if (end.kind === 'broken') controller.error(end.error ?? new TypeError('terminated'));
        else {
          if (end.kind === 'silent') await patience();
          if (!signal.aborted) controller.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
}

interface Pauses {
  /** Before each part but the first. */
  readonly wait: (() => Promise<void>) | undefined;
  /** Before the end of a body that its client had stopped reading. */
  readonly patience: () => Promise<void>;
}

/**
 * The client of the recording had stopped. One that stops by a timer of its own gets the time for it, at any speed, since
 * that timer is real. Then the body ends all the same: msw copies bodies, and the cancel of a copy waits for the end.
 */
function patienceOf({ observed }: Exchange): () => Promise<void> {
  const patienceMs = 2 * Math.max(0, observed.ended - observed.began) + 500;
  return () => pause(patienceMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void liveClock.setTimer(ms, resolve, 'background'));
}

/** When each part came is not recorded, so the time of the exchange is shared out evenly. */
function pauseOf({ observed }: Exchange, partCount: number, speed: number): (() => Promise<void>) | undefined {
  if (speed === 0) return undefined;
  const pauseMs = Math.max(0, observed.ended - observed.began) / (partCount + 1) / speed;
  return () => pause(pauseMs);
}
