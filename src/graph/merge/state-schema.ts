// Whether a state fits the schema of its graph, and which writes are to blame if it does not.
//   D1. A schema only checks a state. What it makes of the state is discarded.
//   D2. No task is blamed for what was wrong before: an issue counts only if it is new or lies in a field that was
//       written.
import type { Value } from '../../base/value.ts';
import type { Write } from './field-writes.ts';
import type { StateSpec } from '../spec.ts';
import { askSchema, foundIssue, issuePath, misfit } from '../types/standard-schema.ts';
import type { SchemaIssue, SchemaUse } from '../types/standard-schema.ts';

export interface StateChange {
  readonly before: Value;
  readonly after: Value;
  readonly writes: readonly Write[];
}

/** @throws RepriseError the code of `use`, `schema-async`, `schema-failed` */
export function checkState(spec: StateSpec, change: StateChange, use: SchemaUse): void {
  const { schema } = spec;
  if (schema === undefined) return;
  const { issues } = askSchema(schema, change.after, use.name);
  if (issues === undefined) return;
  const blamed =
    spec.kind === 'function'
      ? issues
      : ownIssues(issues, change, () => askSchema(schema, change.before, use.name).issues);
  if (blamed.length > 0) throw misfit(use, blamed.map(foundIssue));
}

function ownIssues(
  issues: readonly SchemaIssue[],
  { writes }: StateChange,
  issuesBefore: () => readonly SchemaIssue[] | undefined,
): readonly SchemaIssue[] {
  const written = new Set(writes.flatMap(({ delta }) => Object.keys(delta as object)));
  if (issues.every((issue) => isIn(written, issue))) return issues;
  const before = new Set((issuesBefore() ?? []).map(identity));
  return issues.filter((issue) => isIn(written, issue) || !before.has(identity(issue)));
}

function isIn(written: ReadonlySet<string>, { path }: SchemaIssue): boolean {
  const [first] = path ?? [];
  return first !== undefined && written.has(String(typeof first === 'object' ? first.key : first));
}

function identity(issue: SchemaIssue): string {
  return JSON.stringify([issuePath(issue), issue.message]);
}
