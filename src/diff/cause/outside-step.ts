import type { Value } from '../../base/value.ts';
import { likelyOutside } from '../../journal/http/likely-outside.ts';

/** What to do about a request that only looks like part of a run. Undefined for any other. */
export function outsideStep(request: Value): string | undefined {
  const found = likelyOutside(request);
  if (found === undefined) return undefined;
  const { kind, address } = found;
  const [what, entry] =
    kind === 'credential'
      ? ['a request for a credential', `{ url: '${address}', kind: 'credential' }`]
      : ['telemetry', `'${address}'`];
  return `"${address}" looks like ${what}, which is sent or not by what the process did before: if so, name it in \`outside\` of the config and of \`httpEffects\` (${entry}), and record the run again`;
}
