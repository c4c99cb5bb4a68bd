// Two tasks of one step that write what can hold one value only.
import { RepriseError } from '../base/error.ts';
import { shortText } from '../base/short-text.ts';
import type { FieldWrite } from './field-writes.ts';

/** The error that names both tasks, the field and both values. `key`: of a `merge` field. */
export function conflict(field: string, first: FieldWrite, second: FieldWrite, key?: string): RepriseError {
  const place = key === undefined ? `field "${field}"` : `key "${key}" of field "${field}"`;
  const message =
    `tasks ${first.task} ("${first.node}") and ${second.task} ("${second.node}") of one step both wrote ${place}: ` +
    `${shortText(first.value)} and ${shortText(second.value)}`;
  return new RepriseError('conflict', message, {
    nextStep: `Let one of them write it, say who wins with \`onConflict\`, or use a field that takes both, such as append().`,
    fields: {
      field,
      ...(key === undefined ? {} : { key }),
      tasks: [first.task, second.task],
      nodes: [first.node, second.node],
      values: [first.value, second.value],
    },
  });
}
