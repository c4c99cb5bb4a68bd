// How ids and names are stored: a text of PostgreSQL holds no zero character.
import { randomUUID } from 'node:crypto';
import { RepriseError } from '../../../base/error.ts';

export function storedName(name: string): string {
  return name.includes('\\') || name.includes('\0') ? name.replaceAll('\\', '\\\\').replaceAll('\0', '\\0') : name;
}

export function nameOf(stored: string): string {
  return stored.includes('\\')
    ? stored.replaceAll(/\\(.)/g, (_all, kind: string) => (kind === '0' ? '\0' : kind))
    : stored;
}

/** Tells a statement that is repeated from one of another caller. */
export function newNonce(): string {
  return randomUUID();
}

/** UTF-8 turns every lone surrogate into the same character: two ids would become one. */
export function checkRunId(runId: string): void {
  if (runId.isWellFormed()) return;
  throw new RepriseError('option-invalid', `the run id ${JSON.stringify(runId)} contains a lone surrogate`, {
    nextStep: 'Use a well-formed string.',
    fields: { option: 'runId', runId },
  });
}
