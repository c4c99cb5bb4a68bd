import type { Value } from '../../base/value.ts';
import { outsideStepOf } from '../../diff/cause/next-step.ts';
import { outsideStep } from '../../diff/cause/outside-step.ts';
import type { Divergence } from '../../diff/divergence.ts';
import { oneLine, wrapped } from '../text/plain-text.ts';

/**
 * The first of the requests that looks like telemetry or like a request for a credential, and what to do about it: such a
 * request is sent or not by what the process did before, so no change of a node or of a rule lets the run replay.
 *
 * Use it below a report that says what was requested in only one of two runs. Undefined where no request looks like that.
 *
 * @example `outsideText(report)`
 */
export function outsideText(report: {
  readonly divergences?: readonly Divergence[];
  readonly missing?: readonly { readonly request: Value }[];
}): string | undefined {
  const { divergences = [], missing = [] } = report;
  const causes = divergences.filter(({ follows }) => follows === undefined);
  const steps = [...missing.map(({ request }) => outsideStep(request)), ...causes.map(outsideStepOf)];
  const found = steps.find((step) => step !== undefined);
  return found === undefined
    ? undefined
    : wrapped(`  next: ${oneLine(found)}`, '        ')
        .map((line) => `${line}\n`)
        .join('');
}
