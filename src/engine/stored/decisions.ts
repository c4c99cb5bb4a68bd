// Matches the decisions of a resume with what is in doubt in the run.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import { findEffect, fullAddressText, parseAddress } from '../../journal/address.ts';
import type { Doubt, EffectHistory } from '../../journal/effect-history.ts';
import type { ResumeOptions } from '../options/run-options.ts';
import { decisionOf } from '../rules/decision.ts';
import type { Decision } from '../rules/decision.ts';

/**
 * By the identity of the effect (`identityIn`); undefined if nothing was decided.
 *
 * @throws RepriseError `not-in-doubt`, `answer-invalid`, `unstorable`
 */
export function decisionsFor(
  runId: string,
  { doubts }: Pick<EffectHistory, 'doubts'>,
  { decide = {} }: ResumeOptions,
): ReadonlyMap<string, Decision> | undefined {
  const given = Object.entries(decide);
  if (given.length === 0) return undefined;
  const effects = doubts.map((doubt) => ({ ...doubt.ref, at: doubt.at, identity: doubt.identity }));
  const decisions = new Map<string, Decision>();
  for (const [text, decided] of given) {
    const address = parseAddress(text);
    const found = address === undefined ? ({ kind: 'none' } as const) : findEffect(address, effects);
    if (found.kind !== 'found') throw notInDoubt(runId, text, found.kind, doubts);
    decisions.set(found.effect.identity, decisionOf(canonicalValue(decided, `the decision about ${text}`)));
  }
  return decisions;
}

function notInDoubt(
  runId: string,
  address: string,
  kind: 'none' | 'ambiguous',
  doubts: readonly Doubt[],
): RepriseError {
  const open = doubts.map(({ at, ref }) => fullAddressText(at, ref));
  const what =
    kind === 'ambiguous'
      ? `"${address}" names more than one effect in doubt of run "${runId}"`
      : `no effect "${address}" is in doubt in run "${runId}"`;
  return new RepriseError('not-in-doubt', what, {
    nextStep:
      open.length === 0 ? 'Nothing of it is in doubt: resume it without a decision.' : `In doubt: ${open.join(', ')}.`,
    fields: { runId, address, open },
  });
}
