// Takes secrets out of what is kept already: fixtures and stores.
import { checkOptions, optionShape } from '../base/options/option-shape.ts';
import { redactKinds } from '../journal/redact/rule/redact-option.ts';
import { redactionRules } from '../journal/redact/rule/redaction-rules.ts';
import type { RedactOptions } from '../journal/redact/rule/redaction-rules.ts';
import type { RunStore } from '../port/store.ts';
import { scrubFixture as scrubFile } from '../store/fixture/scrub-fixture.ts';
import type { Scrubbed } from '../store/fixture/scrub-fixture.ts';
import { scrubRuns as copyRuns } from './scrub-runs.ts';
import type { ScrubbedRuns } from './scrub-runs.ts';

export const scrubOptions = optionShape<RedactOptions>('scrub', redactKinds);

/**
 * Rewrites a fixture without what the rules find in it, and redacted by all that finds credentials today. It is written beside
 * and renamed. It replays as before, as long as nodes only pass on what was taken out. Returns which of the rules found
 * something; a fixture in which there is nothing to take out is left as it is.
 *
 * @throws RepriseError `option-invalid`, `fixture-unreadable`, `fixture-damaged`, `fixture-unwritable`, `secret-found`
 */
export async function scrubFixture(path: string, redact: RedactOptions): Promise<Scrubbed> {
  checkOptions(scrubOptions, redact);
  return scrubFile(path, redactionRules(redact));
}

/**
 * Copies all runs of a store into another, empty one, without what the rules find in them. Returns how many there
 * are, and which of the rules found something.
 *
 * @throws RepriseError `option-invalid`; `run-owned` if a run has not ended: what it waits for could not be copied with it
 */
export async function scrubRuns(from: RunStore, to: RunStore, redact: RedactOptions): Promise<ScrubbedRuns> {
  checkOptions(scrubOptions, redact);
  return copyRuns(from, to, redactionRules(redact));
}
