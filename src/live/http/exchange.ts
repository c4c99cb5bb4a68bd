// One HTTP exchange of an attempt, by `fetch`, undici or node:http. Where something has to be known first, the journal is
// asked about it; then it is answered from there, refused, or sent and recorded. Else it is sent as it is written, and the
// journal learns what was asked for once the body is whole.
//   Owns:         the identity of the request, the policies it is sent under, the record of its answer.
//   Not its job:  moving bytes, and what the node sees of it (`fetch/` and `node/`).
//   X1. It settles at most once, and only if the journal did not answer it. What arrives later changes nothing.
//   X2. Nothing is sent before everything that was journaled earlier is durable: what the outside sees of a request may
//       depend on all of it.
//   X3. Recording never changes what the node gets.
//   X4. The state changes only in `#move`.
import { assert, assertMove } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import type { AnswerFacts } from '../../journal/answer-facts.ts';
import { credentialsOf } from '../../journal/http/sent-credentials.ts';
import type { SentCredential } from '../../journal/http/sent-credentials.ts';
import { httpRequestIdentity, unfinished } from '../../journal/http/http-request.ts';
import type { HttpRequestParts } from '../../journal/http/http-request.ts';
import { recordedRules } from '../../journal/http/request-rules.ts';
import { withRepeats } from '../../journal/redact/find/repeated-credentials.ts';
import type {
  BegunExchange,
  BodyPace,
  Delivered,
  ExchangeRequest,
  GivenOutcome,
  IdentifyRequest,
  OpenExchange,
} from '../../port/attempt.ts';
import { taskPath } from '../../port/task.ts';
import { liveEventLoop } from '../event-loop/event-loop.ts';
import { AnswerPace } from './body/answer-pace.ts';
import { withAskedId } from './answer/asked-id.ts';
import { AnswerRecord, stoppedUnanswered } from './answer/answer-record.ts';
import type { AnswerEnd, EndedAnswer, Pairs } from './answer/answer-record.ts';
import type { Asker } from './options/asker.ts';
import { bodyLimits } from './body/body-limits.ts';
import { exchangeMoves } from './exchange-states.ts';
import type { ExchangeState } from './exchange-states.ts';
import type { SentRequest } from './options/http-options.ts';
import { headOf, readRecordedAnswer, unanswered } from './answer/recorded-answer.ts';
import type { RecordedAnswer } from './answer/recorded-answer.ts';
import { recordedError } from './answer/recorded-error.ts';
import { comparedHeaders, hasDigest } from './answer/recorded-headers.ts';
import { abandonedError, described, noteOversized } from './options/request-messages.ts';
import { onceSent } from './once-sent.ts';
import { policiesOf } from './options/request-policies.ts';
import type { RequestPolicies } from './options/request-policies.ts';

/** What identifies a request besides its method and address. */
export type RequestContent = Pick<HttpRequestParts, 'headers' | 'body'>;

type RulesOfRun = Parameters<IdentifyRequest>[0];

/** What becomes of a request. */
export type Decided =
  /** The node gets what was recorded: an answer, an error, or silence until it stops waiting. */
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  /** The node gets this error. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** No answer ever comes, as in the recording. */
  | { readonly kind: 'silent' }
  /** Send it now. */
  | { readonly kind: 'send' };

export type Asked =
  | Decided
  | {
      readonly kind: 'wait';
      readonly decided: Promise<Decided>;
      /** Nothing leaves for it. */
      readonly isSimulated: boolean;
      /** The answer that it waits for, where the journal holds it. */
      readonly known?: RecordedAnswer;
    };

export interface ArrivedHead extends AnswerFacts {
  readonly status: number;
  /** The coding of the bytes that are taken; '' if they are decoded before the node gets them. */
  readonly encoding: string;
}

/** What a node has done with a body: it has begun to read it or has not; in a replay also whether it stopped it before that. */
export type Reading = 'unread' | 'read' | 'stopped unread';

const stoppedUnread = (): Reading => 'stopped unread';

export class Exchange {
  readonly #asker: Asker;
  readonly #request: SentRequest;
  #halt: (reason: unknown) => void;
  readonly #policies: RequestPolicies;
  /** The task inside the attempt that asks. */
  readonly #task: string | undefined;
  #state: ExchangeState = { kind: 'asking' };
  /** Once the journal knows what is asked for. */
  #open: OpenExchange | undefined;
  /** Until then, for an exchange that is sent as it is written. */
  #begun: BegunExchange | undefined;
  /** How it ended before that. */
  #ended: EndedAnswer | undefined;
  /** What a server may send back of what it got. */
  #credentials: readonly SentCredential[] = [];
  #known: RecordedAnswer | undefined;
  /** What the node does with the body, where that can be seen. */
  #reading: (() => Reading) | undefined;
  /** `halt` stops the request and its answer on the wire: their attempt is over. */
  constructor(asker: Asker, request: SentRequest, halt: (reason: unknown) => void) {
    this.#asker = asker;
    this.#request = request;
    this.#halt = halt;
    this.#task = taskPath(asker.attempt);
    this.#policies = policiesOf(asker.options, request);
  }

  /** Whether it has to be known what it asks for before any of it leaves. */
  get asksFirst(): boolean {
    return this.#asker.attempt.http.asksFirst || this.#policies.askFirst;
  }

  /** Begins to send it before its body is whole. `written`: what has been written of it so far. */
  begin(written: () => RequestContent): Asked {
    const { attempt } = this.#asker;
    if (attempt.http.requests === 'refused') return this.#refused(attempt.refusal(described(this.#request)));
    this.#begun = attempt.http.begin({
      name: () => this.name(written, 'unfinished'),
      abandon: () => this.#abandon(),
    });
    const { ready } = this.#begun;
    return ready === undefined ? this.#sending() : this.#waiting(ready);
  }

  /** What it asks for is known now. `unfinished`: as far as it was written, since no more of it will be. */
  name(written: () => RequestContent, how: 'whole' | 'unfinished' = 'whole'): void {
    const begun = this.#begun;
    if (begun === undefined) return;
    this.#begun = undefined;
    begun.named();
    if (this.#asker.attempt.http.requests !== 'recorded') return;
    this.#open = this.#opening(how === 'whole' ? written : asWrittenNow(written), how);
    if (this.#ended !== undefined) this.#settleOpen(this.#open, this.#ended);
  }

  /** Whether it is known what it asks for, or that nothing of it is recorded. */
  get isNamed(): boolean {
    return this.#begun === undefined;
  }

  /** Nothing of it is recorded, since it is too large. */
  forget(): void {
    noteOversized(this.#asker, this.#request);
    this.#unname();
  }

  #unname(): void {
    this.#begun?.named();
    this.#begun = undefined;
  }

  /**
   * Asks the journal, once.
   *
   * @throws RepriseError `store-unreadable` for a damaged answer; and whatever the `onDoubt` policy throws
   */
  ask(content: RequestContent, how: 'whole' | 'unfinished' = 'whole'): Asked {
    const { attempt } = this.#asker;
    if (attempt.http.requests === 'refused') return this.#refused(attempt.refusal(described(this.#request)));
    this.#open = this.#opening(() => content, how);
    return this.#opened(this.#open, content.body);
  }

  /** All of a request that was asked about `unfinished` is known now. */
  compare(content: RequestContent): void {
    this.#open?.compare?.((run) => this.#identity(content, run));
  }

  #opening(content: () => RequestContent, how: 'whole' | 'unfinished'): OpenExchange {
    const { onDoubt, keeps, hasKey } = this.#policies;
    const request: ExchangeRequest = {
      abandon: (reason) => this.#abandon(reason),
      delivered: (what) => this.#delivered(what),
      isUnread: () => (this.isAnswering || this.#state.kind === 'answered') && this.#reading?.() === 'unread',
      isStoppedUnread: () => this.#state.kind === 'answered' && this.#reading?.() === 'stopped unread',
      ...(onDoubt === undefined ? {} : { onDoubt }),
      ...(keeps ? { keeps } : {}),
      ...(hasKey ? { isTry: true } : {}),
    };
    const open = this.#asker.attempt.http.open(request, (run) => {
      const known = content();
      this.#credentials = credentialsOf({ ...this.#request, ...known });
      const identity = this.#identity(known, run);
      return how === 'whole' ? identity : unfinished(identity);
    });
    if (open.name !== undefined) onceSent(() => open.name?.());
    return open;
  }

  #identity(content: RequestContent, run: RulesOfRun): Value {
    return httpRequestIdentity({ ...this.#request, ...content }, recordedRules(run, this.#asker.options));
  }

  #opened(open: OpenExchange, asked: RequestContent['body']): Asked {
    const { answer, ready } = open;
    switch (answer.kind) {
      case 'refused':
        return this.#refused(answer.error);
      case 'silent':
      case 'in doubt':
        this.#move({ kind: 'silent' });
        return { kind: 'silent' };
      case 'answered':
        return this.#answered(asked, answer, open.pace);
      case 'perform':
        return ready === undefined ? this.#sending() : this.#waiting(ready, asked);
    }
  }

  #waiting(ready: NonNullable<OpenExchange['ready']>, asked?: RequestContent['body']): Asked {
    this.#move({ kind: 'waiting', answer: undefined });
    const decided = ready.then(
      (given): Decided => {
        // One that was stopped meanwhile fails where it is sent: nothing of it gets out.
        if (this.#state.kind !== 'waiting') return { kind: 'send' };
        return given === undefined ? this.#sending() : this.#answered(asked, given, this.#open?.pace);
      },
      (error: Error): Decided => {
        this.fail(error);
        return { kind: 'refused', error };
      },
    );
    const { known, pace, isSimulated = false } = this.#open ?? {};
    if (known === undefined) return { kind: 'wait', decided, isSimulated };
    this.#known = this.#read(asked, known, pace);
    return { kind: 'wait', decided, isSimulated, known: this.#known };
  }

  #sending(): Decided {
    this.#move({ kind: 'sending', answer: undefined });
    return { kind: 'send' };
  }

  #answered(asked: RequestContent['body'], given: GivenOutcome, pace: BodyPace | undefined): Decided {
    this.#move({ kind: 'answered' });
    return { kind: 'answered', answer: this.#known ?? this.#read(asked, given, pace) };
  }

  #read(asked: RequestContent['body'], given: GivenOutcome, pace: BodyPace | undefined): RecordedAnswer {
    const answer = withAskedId(readRecordedAnswer(given.outcome, given.facts), asked);
    return pace === undefined ? answer : { ...answer, pace: new AnswerPace(pace, this.#asker.attempt, answer.apart) };
  }

  #refused(error: Error): Decided {
    this.#move({ kind: 'refused' });
    return { kind: 'refused', error };
  }

  /** The header to send along as the idempotency key. The options may ask for none. @throws whatever their policy throws */
  idempotencyHeader(): { readonly name: string; readonly value: string } | undefined {
    const open = this.#open;
    if (this.#live === undefined || open === undefined) return undefined;
    const { keyName } = this.#policies;
    return keyName === undefined ? undefined : { name: keyName, value: open.idempotencyKey };
  }

  get isStopping(): boolean {
    return this.#state.kind === 'stopping';
  }

  /** Its answer is being recorded. */
  get isAnswering(): boolean {
    return this.#live?.answer !== undefined;
  }

  /** It has no answer and no error yet, and is recorded once it has. */
  get isUnanswered(): boolean {
    return this.#live !== undefined && !this.isAnswering;
  }

  /** The head of the answer has arrived. */
  head({ status, encoding, ...facts }: ArrivedHead): void {
    const live = this.#live;
    if (live === undefined) return;
    assert(live.kind !== 'waiting', 'X2: an HTTP exchange got an answer before it was sent');
    assert(live.answer === undefined, 'an HTTP exchange got the head of a second answer');
    const { attempt, options } = this.#asker;
    const compared = comparedHeaders(facts.headers, options.responseHeaders);
    const limits = bodyLimits(options, attempt.http.isDurable);
    const answer = new AnswerRecord({ status, facts, compared, encoding }, limits, liveEventLoop.settled);
    if (encoding !== '' && hasDigest(facts.headers)) {
      const what = `the answer to ${described(this.#request)} is encoded and has a digest`;
      attempt.noteUnrecorded(`${what}: a replay encodes it again, and the digest may not fit`);
    }
    this.#move({ kind: live.kind === 'stopping' ? 'stopping' : 'streaming', answer });
    this.#open?.arrived();
    this.delivered();
  }

  watchReading(reading: () => Reading): void {
    this.#reading = reading;
  }

  /**
   * The node got these bytes of the body, and its end with them if it could see that. `isKept`: its client keeps them until
   * somebody reads, so nothing has reached its code.
   */
  take(bytes: Uint8Array, endsWithPart = false, isKept = false): void {
    const live = this.#live;
    const answer = live?.answer;
    if (live !== undefined) this.#open?.arrived();
    if (!isKept) this.#asker.attempt.ambient.delivered(this.#task, 'part');
    if (answer === undefined || answer.take(bytes, endsWithPart, isKept)) return;
    this.#move({ kind: 'settled' });
    this.#open?.forget();
    this.#unname();
    this.#asker.attempt.noteUnrecorded(`${described(this.#request)}: its answer is larger than may be recorded`);
  }

  /** Its caller gets the head of an answer, or an error: from the outside or from the journal. */
  delivered(): void {
    this.#asker.attempt.ambient.delivered(this.#task);
  }

  complete(trailers?: Pairs): void {
    this.#end({ kind: 'complete', ...(trailers === undefined ? {} : { trailers }) });
  }

  /** The node will read no more of it. */
  cancel(): void {
    if (this.isAnswering) this.#end({ kind: 'cancelled' });
    else this.#settle(stoppedUnanswered);
  }

  /** Without an error, the connection ended too early. `isKept`: as for bytes. */
  breakOff(error?: unknown, isKept = false): void {
    if (this.isAnswering && !isKept) this.delivered();
    this.#end(this.#state.kind === 'stopping' ? { kind: 'cancelled' } : { kind: 'broken', error });
  }

  /** The node gets this error in place of an answer. `isReused`: over a connection that its agent had kept. */
  fail(error: unknown, isReused = false): void {
    if (this.#state.kind === 'stopping') {
      this.#settle(stoppedUnanswered);
      return;
    }
    this.delivered();
    const facts = isReused ? { answer: { headers: [], reused: true as const } } : {};
    this.#settle({ outcome: { kind: 'error', error: recordedError(error) }, facts });
  }

  /**
   * The node stops it. It still ends in one of the ways above. One that waits has nothing to stop: it fails when it is sent,
   * unless it was recorded as stopped. What its client tells it then comes from nowhere outside.
   */
  stop(): void {
    const live = this.#live;
    // What is left of a recorded answer may be thrown away now, which looks like being read.
    if (this.#state.kind === 'answered' && this.#reading?.() === 'unread') this.#reading = stoppedUnread;
    if (live === undefined) return;
    if (live.kind !== 'waiting') this.#move({ kind: 'stopping', answer: live.answer });
    else if (this.#known?.head === undefined && this.#known?.end.kind === 'silent') this.#settle(stoppedUnanswered);
  }

  /** What is known of it so far. It continues. */
  #delivered(what: 'head' | 'all'): Delivered {
    const known = this.#live?.answer?.end({ kind: 'open' });
    const ended = known === undefined ? undefined : this.#withRepeats(known);
    if (ended === undefined) return { outcome: { kind: 'value', value: unanswered }, facts: {} };
    if (what === 'all' || ended.outcome.kind === 'error') return ended;
    // More of them follow.
    const { parts = [], ...facts } = ended.facts;
    const outcome = { kind: 'value', value: headOf(ended.outcome.value) } as const;
    return { outcome, facts: parts.length === 0 ? facts : { ...facts, parts: [...parts] } };
  }

  /** The attempt was stopped, or its code is to stop for a reason of its own. */
  #abandon(own?: Error): void {
    const { signal } = this.#asker.attempt;
    const reason = own ?? (signal.aborted ? (signal.reason as unknown) : abandonedError(this.#request));
    const halt = this.#halt;
    this.cancel();
    halt(reason);
  }

  #end(ended: AnswerEnd): void {
    const live = this.#live;
    const answer = live?.answer;
    if (answer === undefined) return;
    if (ended.kind !== 'cancelled') this.#open?.arrived();
    this.#settle(answer.end(ended));
    answer.release();
  }

  #settle({ outcome, facts }: EndedAnswer): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#move({ kind: 'settled' });
    // Its effect may be known for longer, and must not hold the client's request with all that belongs to it.
    this.#halt = nothingToHalt;
    this.#reading = undefined;
    if (this.#open === undefined) this.#ended = { outcome, facts };
    else this.#settleOpen(this.#open, { outcome, facts });
  }

  #settleOpen(open: OpenExchange, ended: EndedAnswer): void {
    const { outcome, facts } = this.#withRepeats(ended, open);
    open.settle(outcome, facts);
  }

  #withRepeats(ended: EndedAnswer, open = this.#open): EndedAnswer {
    // Its credentials are found with what identifies it.
    open?.name?.();
    return withRepeats(ended, this.#credentials);
  }

  get #live(): Extract<ExchangeState, { readonly answer: unknown }> | undefined {
    return 'answer' in this.#state ? this.#state : undefined;
  }

  #move(next: ExchangeState): void {
    assertMove(exchangeMoves, this.#state.kind, next.kind, 'an HTTP exchange');
    this.#state = next;
  }
}

const nothingToHalt = (): void => undefined;

/** More of it may be written later. */
function asWrittenNow(written: () => RequestContent): () => RequestContent {
  const content = written();
  return () => content;
}
