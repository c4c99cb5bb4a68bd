// How a recorded run was redacted, applied to what today's code does before the two are compared.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import type { Likened } from '../../diff/compare/comparing.ts';
import { withJudgedMarks } from '../../diff/value/recorded-marks.ts';
import type { MarkJudge } from '../../diff/value/redacted-text.ts';
import { firstDifference, isSameThroughout, sameEntryBesideMarks } from '../../diff/value/value-difference.ts';
import type { AttemptResult, EffectRef, Entry } from '../../journal/entry.ts';
import { sameEntry } from '../../journal/entry-identity.ts';
import { withFittingRepeats } from '../../journal/redact/find/repeated-credentials.ts';
import { redactEntry, redactObserved } from '../../journal/redact/redact-entry.ts';
import { redactRequest, redactValue } from '../../journal/redact/redact.ts';
import { blankEntry, blankRequest, blankResult } from '../../journal/redact/rule/blank.ts';
import { appliedRules, isEmptyRules, redactionRules } from '../../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions, RedactionRules, TravellingRules } from '../../journal/redact/rule/redaction-rules.ts';
import { TodaysMarks } from '../../journal/redact/todays-marks.ts';
import type { Shown } from '../../journal/redact/todays-marks.ts';
import type { GivenMarks } from './given-marks.ts';
import { MarkPairs } from './mark-pairs.ts';

/** Any value may be the one that a mark stands for. */
const anyValue: MarkJudge = { isSame: () => true, ifSame: (compare) => compare() };

const withoutNumber: Shown = (_value, { kind }) => `[redacted:${kind}]`;

export class RecordedRedaction {
  readonly rules: RedactionRules;
  readonly pairs: MarkPairs;
  readonly #marks: TodaysMarks;

  /** `own`: the rules of the project, for those that did not travel. */
  constructor(travelling: TravellingRules, own: RedactOptions = {}, given?: GivenMarks) {
    this.rules = appliedRules(travelling, redactionRules(own));
    // What stands at a path is blanked on both sides.
    this.#marks = new TodaysMarks({ ...this.rules, places: [] });
    const hasPlaces = this.rules.places.length > 0;
    this.pairs = new MarkPairs(given, (found, mark) =>
      hasPlaces || mark.startsWith('[') || mark.startsWith('%5B') ? this.#marks.ownNumberOf(found) : undefined,
    );
  }

  /** Without what is not compared. `count` is called for each such value. */
  blank<Given extends Entry>(entry: Given, count?: () => void): Given {
    return blankEntry(entry, this.rules.places, count);
  }

  /** What today's code did, as it is compared: the recorded entry itself if only what lies under its marks may differ. */
  compared(recorded: Entry | undefined, entry: Entry): Entry {
    const redacted = this.#entry(entry);
    if (recorded !== undefined && this.#isSame(recorded, redacted)) return recorded;
    const shown = this.#marks.showing(this.#asRecorded, () => this.#entry(entry));
    return recorded === undefined ? shown : this.#withJudgedParts(recorded, redacted, shown);
  }

  /** What no rule finds has the mark of the recording only where it stands in its place. */
  #withJudgedParts(...entries: readonly [recorded: Entry, redacted: Entry, shown: Entry]): Entry {
    const [, , { observed }] = entries;
    const [left, right, shown] = entries.map(({ observed: _observed, ...entry }) => entry as unknown as Value);
    return { ...(this.#withJudged(left, right, shown) as object), observed } as Entry;
  }

  /** Takes note of what an effect gave that was performed for real. */
  performed(effect: Entry): void {
    const note: Shown = (value) => {
      this.pairs.fromOutside.add(value);
      return '';
    };
    this.#marks.showing(note, () => this.#entry(effect));
  }

  /** The same, for a fixture that is redacted again when it is written: what the code has of itself stays as it is. */
  adopted(recorded: Entry, entry: Entry): Entry {
    const before = this.pairs.uncompared;
    const isSame = this.#isSame(recorded, this.#entry(entry));
    // It is compared besides.
    this.pairs.uncompared = before;
    if (isSame) return recorded;
    const asAdopted: Shown = (value, { found }) => this.pairs.markOf(value) ?? found;
    return this.#marks.showing(asAdopted, () => this.#entry(entry));
  }

  /** What a run did that was not given what was recorded, so that any value may be the one that a mark stands for. */
  likened(recorded: Entry | undefined, entry: Entry): Entry {
    const redacted = this.#marks.showing(withoutNumber, () => this.#entry(entry));
    return recorded !== undefined && sameEntryBesideMarks(recorded, redacted) ? recorded : redacted;
  }

  /** The same, for what a node made. */
  comparedResult(given: AttemptResult, result: AttemptResult, node: string): AttemptResult {
    const [recorded, value] = [given, result].map(
      (one) => blankResult(one, node, this.rules.places) as unknown as Value,
    ) as [Value, Value];
    const redacted = redactValue(value, this.#marks);
    const isSame = this.pairs.countIfSame(() => isSameThroughout(recorded, redacted, this.pairs));
    return isSame ? given : (this.#withJudged(recorded, redacted, this.value(value)) as unknown as AttemptResult);
  }

  /** The same, for what is only shown: nothing is counted. */
  shown(recorded: Value, value: Value): Value {
    if (sameValue(recorded, value)) return recorded;
    return this.#withJudged(recorded, redactValue(value, this.#marks), this.value(value));
  }

  /** What was recorded wherever that is the same. */
  #withJudged(recorded: Value, redacted: Value, shown: Value): Value {
    const before = this.pairs.uncompared;
    const judged = withJudgedMarks(recorded, redacted, shown, this.pairs);
    this.pairs.uncompared = before;
    return judged;
  }

  /** As it is compared with what was recorded. */
  value(value: Value): Value {
    return this.#marks.showing(this.#asRecorded, () => redactValue(value, this.#marks));
  }

  readonly #asRecorded: Shown = (value, { kind }) => this.pairs.markOf(value) ?? `[redacted:${kind}#0]`;

  #entry(entry: Entry): Entry {
    return withFittingRepeats(redactObserved(redactEntry(entry, this.#marks), this.#marks), entry);
  }

  #isSame(recorded: Entry, redacted: Entry): boolean {
    if (sameEntry(recorded, redacted)) return true;
    // An older release left what today's rules find.
    return this.#isLike(recorded, redacted) || this.#isLike(this.#entry(recorded), redacted);
  }

  #isLike(recorded: Entry, redacted: Entry): boolean {
    const [left, right] = [recorded, redacted].map(({ observed: _observed, ...entry }) => entry as unknown as Value);
    return this.pairs.countIfSame(() => isSameThroughout(left, right, this.pairs));
  }

  /** Whether a request is the recorded one but for what was redacted in that. Absent where only credentials were. */
  get isAlike(): ((recorded: EffectRef, asked: EffectRef) => boolean) | undefined {
    return this.#likeness(this.pairs);
  }

  /** The same for requests that other code than that of the run makes, of what it has of itself. */
  get mayBeAlike(): RecordedRedaction['isAlike'] {
    return this.#likeness(anyValue);
  }

  /** A request that was not recorded, as it is compared with one that was: what is the same there beside marks has those. */
  get likenedRequest(): Likened | undefined {
    if (isEmptyRules(this.rules)) return undefined;
    return (asked, recorded) => {
      const redacted = (): Value =>
        blankRequest(redactRequest(redactValue(asked.request, this.#marks)), asked.name, this.rules.places);
      if (recorded === undefined) return { ...asked, request: this.#marks.showing(withoutNumber, redacted) };
      const shown = this.#marks.showing(this.#asRecorded, redacted);
      return { ...asked, request: this.#withJudged(recorded.request, redacted(), shown) };
    };
  }

  #likeness(judge: MarkJudge): RecordedRedaction['isAlike'] {
    if (isEmptyRules(this.rules)) return undefined;
    const { places } = this.rules;
    return (recorded, asked) => {
      const redacted = redactRequest(redactValue(asked.request, this.#marks));
      const [left, right] = [recorded.request, redacted].map((request) => blankRequest(request, asked.name, places));
      return judge.ifSame(() => firstDifference(left, right, '', judge) === undefined);
    };
  }
}
