// Takes secrets out of what is kept already: fixtures and stores.
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import { redactKinds } from '../journal/redact/rule/redact-option.ts';
import { redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions } from '../journal/redact/rule/redaction-rules.ts';
import type { RunStore } from '../port/store.ts';
import { scrubFixture as scrubFile } from '../store/fixture/scrub-fixture.ts';
import { scrubRuns as copyRuns } from './scrub-runs.ts';

export const scrubOptions = optionShape<RedactOptions>('scrub', redactKinds);

/**
 * Rewrites a fixture without what the rules find in it, and redacted by all that finds credentials today. It is written beside
 * and renamed. It replays as before, as long as nodes only pass on what was taken out.
 *
 * @throws RepriseError `option-invalid`, `fixture-unreadable`, `fixture-damaged`, `fixture-unwritable`, `secret-found`
 */
export async function scrubFixture(path: string, redact: RedactOptions): Promise<void> {
  checkOptions(scrubOptions, redact);
  await scrubFile(path, redactionRules(redact));
}

/**
 * Copies all runs of a store into another, empty one, without what the rules find in them. Returns how many.
 *
 * @throws RepriseError `option-invalid`; `run-owned` if a run has not ended: what it waits for could not be copied with it
 */
export async function scrubRuns(from: RunStore, to: RunStore, redact: RedactOptions): Promise<number> {
  checkOptions(scrubOptions, redact);
  return copyRuns(from, to, redactionRules(redact));
}
