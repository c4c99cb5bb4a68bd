// One HTTP exchange of an attempt, by `fetch` or by node:http. The journal is asked about it first; then it is answered from
// there, refused, or sent and recorded.
//   Owns:         the identity of the request, the policies it is sent under, the record of its answer.
//   Not its job:  moving bytes, and what the node sees of it (`fetch/` and `node/`).
//   X1. It settles at most once, and only if the journal did not answer it. What arrives later changes nothing.
//   X2. Nothing is sent before everything that was journaled earlier is durable: what the outside sees of a request may
//       depend on all of it.
//   X3. Recording never changes what the node gets.
//   X4. The state changes only in `#move`.
import { assert, assertMove } from '../../base/assert.ts';
import type { Moves } from '../../base/assert.ts';
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { EffectOutcome, OutcomeFacts } from '../../journal/entry.ts';
import { httpRequestIdentity } from '../../journal/http/http-request.ts';
import type { HttpRequestParts } from '../../journal/http/http-request.ts';
import { recordedRules } from '../../journal/http/request-rules.ts';
import { redactRequest } from '../../journal/redact/redact.ts';
import type { BodyPace, OpenExchange } from '../../port/attempt.ts';
import { taskPath } from '../../port/task.ts';
import { AnswerRecord, answerBytesMax } from './answer-record.ts';
import type { AnswerEnd, EndedAnswer } from './answer-record.ts';
import type { Asker } from './asker.ts';
import type { SentRequest } from './http-options.ts';
import { readRecordedAnswer, thrownError } from './recorded-answer.ts';
import type { RecordedAnswer } from './recorded-answer.ts';
import { recordedHeaders } from './recorded-headers.ts';

/** A larger request body is not buffered, and its request goes out unrecorded. */
export const requestBytesMax = 64 * 1024 * 1024;

/** Reports a request that goes out unrecorded because its body is over the limit. */
export function noteOversized({ attempt }: Asker, request: SentRequest): void {
  attempt.noteUnrecorded(`${described(request)}: its body is larger than ${requestBytesMax} bytes`);
}

/** What becomes of a request. */
export type Decided =
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  /** The node gets this error, recorded or not. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** No answer ever comes, as in the recording. */
  | { readonly kind: 'silent' }
  /** Send it now. */
  | { readonly kind: 'send' };

export type Asked = Decided | { readonly kind: 'wait'; readonly decided: Promise<Decided> };

type State =
  | { readonly kind: 'asking' | 'answered' | 'refused' | 'silent' | 'settled' }
  /** It must not be sent yet, and may never be (X2). */
  | { readonly kind: 'waiting'; readonly open: OpenExchange; readonly answer: undefined }
  | { readonly kind: 'sending'; readonly open: OpenExchange; readonly answer: undefined }
  | { readonly kind: 'streaming'; readonly open: OpenExchange; readonly answer: AnswerRecord }
  /** The node has stopped it, but may still get bytes that are on their way. A body that breaks now was cancelled. */
  | { readonly kind: 'stopping'; readonly open: OpenExchange; readonly answer: AnswerRecord | undefined };

const moves: Moves<State['kind']> = {
  asking: ['answered', 'refused', 'silent', 'waiting', 'sending'],
  answered: [],
  refused: [],
  silent: [],
  waiting: ['answered', 'refused', 'sending', 'settled'],
  sending: ['streaming', 'stopping', 'settled'],
  streaming: ['stopping', 'settled'],
  // Again if the head of an answer still arrives.
  stopping: ['stopping', 'settled'],
  settled: [],
};

export class Exchange {
  readonly #asker: Asker;
  readonly #request: SentRequest;
  readonly #halt: (reason: unknown) => void;
  /** The task inside the attempt that asks. */
  readonly #task: string | undefined;
  #state: State = { kind: 'asking' };

  /** `halt` stops the request and its answer on the wire: their attempt is over. */
  constructor(asker: Asker, request: SentRequest, halt: (reason: unknown) => void) {
    this.#asker = asker;
    this.#request = request;
    this.#halt = halt;
    this.#task = taskPath(asker.attempt);
  }

  /**
   * Asks the journal, once.
   *
   * @throws RepriseError `store-unreadable` for a damaged answer; and whatever the `onDoubt` policy throws
   */
  ask(content: Pick<HttpRequestParts, 'headers' | 'body'>): Asked {
    const { attempt, options } = this.#asker;
    if (!attempt.isOpen) return this.#refused(attempt.refusal(described(this.#request)));
    const onDoubt = options.onDoubt?.(this.#request);
    const open = attempt.openExchange({
      identify: (run) => httpRequestIdentity({ ...this.#request, ...content }, recordedRules(run, options)),
      abandon: () => this.#abandon(),
      ...(onDoubt === undefined ? {} : { onDoubt }),
    });
    return this.#opened(open);
  }

  #opened(open: OpenExchange): Asked {
    const { answer, ready } = open;
    switch (answer.kind) {
      case 'refused':
        return this.#refused(answer.error);
      case 'silent':
        this.#move({ kind: 'silent' });
        return { kind: 'silent' };
      case 'answered':
        return this.#answered(answer.outcome, answer.facts, open.pace);
      case 'perform':
        return ready === undefined ? this.#sending(open) : this.#waiting(open, ready);
    }
  }

  #waiting(open: OpenExchange, ready: NonNullable<OpenExchange['ready']>): Asked {
    this.#move({ kind: 'waiting', open, answer: undefined });
    const decided = ready.then(
      (given): Decided => {
        // One that was stopped meanwhile fails where it is sent: nothing of it gets out.
        if (this.#state.kind !== 'waiting') return { kind: 'send' };
        return given === undefined ? this.#sending(open) : this.#answered(given.outcome, given.facts, open.pace);
      },
      (error: Error): Decided => {
        this.fail(error);
        return { kind: 'refused', error };
      },
    );
    return { kind: 'wait', decided };
  }

  #sending(open: OpenExchange): Decided {
    this.#move({ kind: 'sending', open, answer: undefined });
    return { kind: 'send' };
  }

  #answered(outcome: EffectOutcome, facts: OutcomeFacts | undefined, pace: BodyPace | undefined): Decided {
    if (outcome.kind === 'error') return this.#refused(thrownError(outcome.error));
    this.#move({ kind: 'answered' });
    const answer = readRecordedAnswer(outcome.value, facts?.parts);
    return { kind: 'answered', answer: pace === undefined ? answer : { ...answer, pace } };
  }

  #refused(error: Error): Decided {
    this.#move({ kind: 'refused' });
    return { kind: 'refused', error };
  }

  /** The header to send along as the idempotency key. The options may ask for none. @throws whatever their policy throws */
  idempotencyHeader(): { readonly name: string; readonly value: string } | undefined {
    const live = this.#live;
    if (live === undefined) return undefined;
    const name = this.#asker.options.idempotencyHeader?.(this.#request);
    return name === undefined ? undefined : { name, value: live.open.idempotencyKey };
  }

  /** Its answer is being recorded. */
  get isAnswering(): boolean {
    return this.#live?.answer !== undefined;
  }

  /** It has no answer and no error yet, and is recorded once it has. */
  get isUnanswered(): boolean {
    return this.#live !== undefined && !this.isAnswering;
  }

  /** The head of the answer has arrived. `encoding` is that of the bytes that are taken, '' for none. */
  head(status: number, headers: Iterable<readonly [string, string]>, encoding: string): void {
    const live = this.#live;
    if (live === undefined) return;
    assert(live.kind !== 'waiting', 'X2: an HTTP exchange got an answer before it was sent');
    assert(live.answer === undefined, 'an HTTP exchange got the head of a second answer');
    const recorded = recordedHeaders(headers, this.#asker.options.responseHeaders ?? []);
    const answer = new AnswerRecord({ status, headers: recorded, encoding });
    this.#move({ kind: live.kind === 'stopping' ? 'stopping' : 'streaming', open: live.open, answer });
    live.open.arrived();
    this.delivered();
  }

  /** The node got these bytes of the body. */
  take(bytes: Uint8Array): void {
    const live = this.#live;
    const answer = live?.answer;
    live?.open.arrived();
    this.delivered();
    if (answer?.take(bytes) !== 'full') return;
    const what = `the answer to ${described(this.#request)} beyond its first ${answer.byteCount} bytes`;
    this.#asker.attempt.noteUnrecorded(`${what}: at most ${answerBytesMax} are recorded`);
  }

  /** Its caller gets the head of an answer, a part of its body, or an error: from the outside or from the journal. */
  delivered(): void {
    this.#asker.attempt.delivered(this.#task);
  }

  complete(): void {
    this.#end({ kind: 'complete' });
  }

  /** The node will read no more of the body. */
  cancel(): void {
    this.#end({ kind: 'cancelled' });
  }

  breakOff(error: unknown): void {
    if (this.isAnswering) this.delivered();
    this.#end(this.#state.kind === 'stopping' ? { kind: 'cancelled' } : { kind: 'broken', error });
  }

  /** The node gets this error in place of an answer. */
  fail(error: unknown): void {
    this.delivered();
    this.#settle({ outcome: { kind: 'error', error: error as Value }, parts: [] });
  }

  /** The node stops it. It still ends in one of the ways above. One that waits has nothing to stop: it fails when it is sent. */
  stop(): void {
    const live = this.#live;
    if (live !== undefined && live.kind !== 'waiting')
      this.#move({ kind: 'stopping', open: live.open, answer: live.answer });
  }

  /** The attempt is over. */
  #abandon(): void {
    const { attempt } = this.#asker;
    const reason = attempt.signal.aborted ? (attempt.signal.reason as unknown) : abandonedError(this.#request);
    if (this.isAnswering) this.cancel();
    else this.fail(reason);
    this.#halt(reason);
  }

  #end(ended: AnswerEnd): void {
    const live = this.#live;
    const answer = live?.answer;
    if (answer === undefined) return;
    if (ended.kind !== 'cancelled') live?.open.arrived();
    this.#settle(answer.end(ended));
  }

  #settle({ outcome, parts }: EndedAnswer): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#move({ kind: 'settled' });
    live.open.settle(outcome, { parts });
  }

  get #live(): Extract<State, { readonly open: OpenExchange }> | undefined {
    return 'open' in this.#state ? this.#state : undefined;
  }

  #move(next: State): void {
    assertMove(moves, this.#state.kind, next.kind, 'an HTTP exchange');
    this.#state = next;
  }
}

/** A request in a message: credentials replaced, without its query. */
function described({ method, url }: SentRequest): string {
  const { origin, pathname } = new URL(url);
  return redactRequest(`${method} ${origin}${pathname}`) as string;
}

function abandonedError(request: SentRequest): RepriseError {
  return new RepriseError('effect-abandoned', `${described(request)} was still open when its task returned`, {
    nextStep: 'Read the answer to its end or cancel it before the node returns.',
  });
}
