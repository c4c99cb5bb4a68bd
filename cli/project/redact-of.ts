import type { RepriseConfig } from '../../src/config.ts';
import type { ExportOptions } from '../../src/record/index.ts';

/** What the config wants redacted, as an option of an export. */
export function redactOf({ redact }: RepriseConfig): Pick<ExportOptions, 'redact'> {
  return redact === undefined ? {} : { redact };
}
