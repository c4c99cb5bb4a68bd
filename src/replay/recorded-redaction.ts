// How a recorded run was redacted, applied to what today's code does before the two are compared.
import type { Value } from '../base/value.ts';
import { firstDifference } from '../diff/value-difference.ts';
import type { EffectRef, Entry } from '../journal/entry.ts';
import { redactEntry, redactObserved } from '../journal/redact/redact-entry.ts';
import { ComparedMarks, redactRequest, redactValue } from '../journal/redact/redact.ts';
import { blankEntry, blankRequest } from '../journal/redact/rule/blank.ts';
import { appliedRules, isEmptyRules, redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions, RedactionRules, TravellingRules } from '../journal/redact/rule/redaction-rules.ts';

export class RecordedRedaction {
  readonly rules: RedactionRules;
  readonly #marks: ComparedMarks;

  /** `own`: the rules of the project, for those that did not travel. */
  constructor(travelling: TravellingRules, own: RedactOptions = {}) {
    this.rules = appliedRules(travelling, redactionRules(own));
    // What stands at a path is blanked on both sides.
    this.#marks = new ComparedMarks('own', { ...this.rules, places: [] });
  }

  /** Without what is not compared. `count` is called for each such value. */
  blank<Given extends Entry>(entry: Given, count?: () => void): Given {
    return blankEntry(entry, this.rules.places, count);
  }

  entry(entry: Entry): Entry {
    return redactObserved(redactEntry(entry, this.#marks), this.#marks);
  }

  value(value: Value): Value {
    return redactValue(value, this.#marks);
  }

  /** Whether a request is the recorded one but for what was redacted in that. Absent where only credentials were. */
  get isAlike(): ((recorded: EffectRef, asked: EffectRef) => boolean) | undefined {
    if (isEmptyRules(this.rules)) return undefined;
    const { places } = this.rules;
    return (recorded, asked) => {
      const redacted = redactRequest(this.value(asked.request));
      const [left, right] = [recorded.request, redacted].map((request) => blankRequest(request, asked.name, places));
      return firstDifference(left, right, '') === undefined;
    };
  }
}
