// Two tasks of one step wrote something that can hold only one value.
import { RepriseError } from '../../base/error.ts';
import { shortText } from '../../base/short-text.ts';
import type { FieldWrite } from './field-writes.ts';

/** An error that names both tasks, the field and both values. `key`: the key of a `merge` field. */
export function conflict(field: string, first: FieldWrite, second: FieldWrite, key?: string): RepriseError {
  const place = key === undefined ? `field "${field}"` : `key "${key}" of field "${field}"`;
  const message =
    `tasks ${first.task} ("${first.node}") and ${second.task} ("${second.node}") of one step both wrote ${place}: ` +
    `${shortText(first.value)} and ${shortText(second.value)}`;
  return new RepriseError('conflict', message, {
    nextStep: `Let only one of them write it, pick the winner with \`onConflict\`, or use a field that takes both, such as append().`,
    fields: {
      field,
      ...(key === undefined ? {} : { key }),
      tasks: [first.task, second.task],
      nodes: [first.node, second.node],
      values: [first.value, second.value],
    },
  });
}
