// The steps of a replay, each compared with the recorded one as it ends.
//   Owns:         which step is compared with which entries, what is redacted for that, and when enough was seen.
//   Not its job:  what differs between two steps (diff), what the replay makes of it (replay-session.ts).
import { inPieces, mapInPieces } from '../../base/in-pieces.ts';
import type { Piece } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import { RunComparer } from '../../diff/compare/run-comparer.ts';
import type { LeftOut } from '../../diff/value/left-out.ts';
import type { CanonicalStep } from '../../journal/run/canonical.ts';
import { entryIdentity, sameEntry } from '../../journal/entry-identity.ts';
import type { Entry } from '../../journal/entry.ts';
import type { Fixture } from '../../store/fixture/open-fixture.ts';
import { EntryPartners } from '../recorded/entry-partners.ts';
import type { Recording } from '../recorded/recording.ts';
import type { Given } from '../redaction/given-marks.ts';
import type { RecordedRedaction } from '../redaction/recorded-redaction.ts';
import { givenBy } from '../world/answer-of.ts';
import type { FixtureWorld } from '../world/fixture-world.ts';
import { withUnread } from '../world/left-unread.ts';
import type { Adoption } from './adoption.ts';
import { hasOwnError } from './own-error.ts';
import type { ReplayOptions } from './replay-options.ts';
import type { ReplaySeal } from './replay-seal.ts';

export type FilledOptions = Required<Pick<ReplayOptions, 'mode' | 'strictness'>> & ReplayOptions;

export interface ComparedSetup {
  readonly fixture: Fixture;
  readonly options: FilledOptions;
  readonly adoption: Adoption | undefined;
  readonly recording: Recording;
  readonly world: FixtureWorld;
  readonly seal: ReplaySeal;
  readonly redaction: RecordedRedaction;
  readonly leftOut: LeftOut;
}

export class ComparedSteps {
  readonly comparer: RunComparer;
  readonly #setup: ComparedSetup;
  #stoppedAfter: number | undefined;
  #hasOwnError = false;
  #redactedCount = 0;
  #comparedStep = -1;

  constructor(setup: ComparedSetup) {
    const { options, redaction, world } = setup;
    const { kinds } = options.compare ?? {};
    this.#setup = setup;
    this.comparer = new RunComparer(
      { mode: options.mode, kinds, likened: redaction.likenedRequest },
      world.observations,
    );
  }

  /** The step after which nothing was compared any more, since enough was seen. */
  get stoppedAfter(): number | undefined {
    return this.#stoppedAfter;
  }

  /** Whether an error of the replay itself, which was not recorded, became a result. */
  get hasOwnError(): boolean {
    return this.#hasOwnError;
  }

  /** Values at redacted paths, which could not be compared. */
  get redactedCount(): number {
    return this.#redactedCount;
  }

  /** Whether the code has asked for something that it could not get. */
  get lacksAnswers(): boolean {
    const { world, seal } = this.#setup;
    const { missing, late, readPast } = world.observations;
    const isRefused = seal.hasRefusedNodes || seal.thrown.length > 0;
    return missing.size > 0 || late.missing.length > 0 || readPast.size > 0 || isRefused;
  }

  *add(whatItDid: CanonicalStep): Generator<Piece, void> {
    const { fixture, options, adoption, recording, world, seal, leftOut } = this.#setup;
    if (world.isStopped) return;
    // Version 1 cut such an exchange, and took it for read so far. An answer that was made up is whole.
    const { semantics, observed } = fixture.run;
    const isWhole = semantics === 1 || observed.source === 'fake';
    const replayedStep = isWhole ? whatItDid : withUnread(whatItDid, world.observations.unread);
    const { step } = replayedStep;
    const whole = recording.take(step);
    const entries = leftOut.settled(whole, replayedStep.entries);
    this.#hasOwnError ||= entries.some(
      (entry, place) => hasOwnError(entry) && !(whole[place] !== undefined && sameEntry(whole[place], entry)),
    );
    this.#adopt(replayedStep, entries, whole);
    const { recorded, replayed } = yield* this.#redacted(step, whole, entries);
    this.#comparedStep = step;
    options.onStep?.({ step, entries: replayed });
    const found = yield* this.comparer.addInPieces(recorded, replayed);
    const isEnough = adoption === undefined ? found.length > 0 : this.lacksAnswers || this.hasOwnError;
    if ((isEnough || seal.hasRefusedNodes) && options.strictness === 'strict') {
      world.isStopped = true;
      this.#stoppedAfter = step;
    }
  }

  /** Both sides of a step as they are compared: the replayed one is redacted as the fixture was. */
  *#redacted(
    step: number,
    whole: readonly Entry[],
    entries: readonly Entry[],
  ): Generator<Piece, { readonly recorded: readonly Entry[]; readonly replayed: readonly Entry[] }> {
    const { adoption, redaction } = this.#setup;
    const recorded = yield* mapInPieces(whole, (entry) => redaction.blank(entry, this.#countRedacted));
    const { given: marks } = redaction.pairs;
    marks.until = step;
    const others: (readonly [number, Entry])[] = [];
    const replayed = yield* mapInPieces(entries, (given, place) => {
      const entry = redaction.blank(given);
      const partner = recorded[place];
      // An entry that equals its recording holds nothing to redact.
      if (partner !== undefined && sameEntry(partner, entry)) return partner;
      others.push([place, entry]);
      return entry;
    });
    if (others.length > 0) {
      const partners = new EntryPartners(recorded);
      yield* partners.gather();
      yield* inPieces(others, ([place, entry]) => {
        replayed[place] = redaction.compared(partners.of(entry), entry);
      });
    }
    marks.until = Number.POSITIVE_INFINITY;
    // What is adopted may have come earlier or later than it was recorded, so it is not read again.
    if (adoption === undefined) marks.forget(step);
    return { recorded, replayed };
  }

  #adopt(replayedStep: CanonicalStep, entries: readonly Entry[], recorded: readonly Entry[]): void {
    const { adoption, redaction, world } = this.#setup;
    if (adoption === undefined) return;
    const { adopted } = world.observations;
    const partners = new EntryPartners(recorded);
    for (const entry of entries)
      if (entry.kind === 'effect' && partners.of(entry) === undefined && !adopted.has(entryIdentity(entry)))
        redaction.performed(entry);
    adoption.step({ ...replayedStep, entries }, (before, entry) => redaction.adopted(before, entry));
  }

  /** What the steps that are over gave to the code, as far as it is known: all that was recorded of them. */
  *givenEarlier(): Generator<Given> {
    const { adoption, fixture, options } = this.#setup;
    if (adoption !== undefined) return;
    const isFedBack = options.mode === 'outputs' || options.strictness === 'lenient';
    for (const { step, entries } of fixture.steps()) {
      if (step > this.#comparedStep) return;
      for (const entry of entries) {
        if (entry.kind === 'commit' && step === 0) yield { step, value: entry.input };
        if (entry.kind === 'effect') yield { step, value: givenBy(entry) };
        if (entry.kind === 'edit') yield { step, value: entry.patch as unknown as Value };
        if (entry.kind === 'outcome' && isFedBack) yield { step, value: entry.result as unknown as Value };
      }
    }
  }

  readonly #countRedacted = (): void => {
    this.#redactedCount += 1;
  };
}
