// Matches the decisions of a resume with what is in doubt in the run.
import { RepriseError } from '../../../base/error.ts';
import { canonicalValue } from '../../../base/value.ts';
import { findEffect, fullAddressText, parseAddress } from '../../../journal/address.ts';
import { EffectHistory } from '../../../journal/step/effect-history.ts';
import { decisionNote } from '../../../journal/step/past/effect-past.ts';
import type { Doubt } from '../../../journal/step/past/effect-past.ts';
import type { Entry, NoteEntry, RunEntry } from '../../../journal/entry.ts';
import type { ResumeOptions } from '../../options/run-options.ts';
import { decisionOf } from '../../rules/decision.ts';

/**
 * What is to be written about them, before the run continues: a process that dies has lost none of them.
 *
 * @throws RepriseError `not-in-doubt`, `answer-invalid`, `unstorable`
 */
export function decisionNotes(
  runId: string,
  { openStep, run }: { readonly openStep: readonly Entry[]; readonly run: RunEntry | undefined },
  { decide = {}, decidedBy: by }: ResumeOptions,
  time: number,
): readonly NoteEntry[] {
  const given = Object.entries(decide);
  if (given.length === 0) return [];
  const { doubts } = new EffectHistory(openStep, run?.semantics);
  const effects = doubts.map((doubt) => ({ ...doubt.ref, at: doubt.at, doubt }));
  return given.map(([text, value]) => {
    const address = parseAddress(text);
    const found = address === undefined ? ({ kind: 'none' } as const) : findEffect(address, effects);
    if (found.kind !== 'found') throw notInDoubt(runId, text, found.kind, doubts);
    const decided = canonicalValue(value, `the decision about ${text}`);
    decisionOf(decided, found.effect.type);
    return decisionNote(found.effect.doubt, { decided, ...(by === undefined ? {} : { by }) }, time);
  });
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
