// Compares the tasks that code opened inside an attempt with those of its partner. They are paired by their paths.
import type { Value } from '../../base/value.ts';
import type { TaskEntry } from '../../journal/entry.ts';
import { errorIdentity } from '../../journal/error/error-identity.ts';
import { compareTasksInward } from '../../journal/task-path.ts';
import type { AttemptView } from './compare-attempt.ts';
import type { Found } from '../divergence.ts';
import { failureText } from './failure-text.ts';
import { firstDifference } from '../value/value-difference.ts';

/** The innermost tasks come first: how they ended may be the cause of how those around them did. */
export function compareTasks(recorded: AttemptView, replayed: AttemptView): readonly Found[] {
  if (recorded.tasks.length === 0 && replayed.tasks.length === 0) return [];
  // A node that continues in the middle does not open again what it had opened before.
  if (recorded.isRestarted) return [];
  const left = byPath(recorded);
  const right = byPath(replayed);
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort(compareTasksInward);
  return paths.flatMap((task) => differences(left.get(task), right.get(task)).map((found) => ({ ...found, task })));
}

/** What a branch opened that lost its race says how far it came, and that is no difference. */
function byPath({ tasks, lost }: AttemptView): ReadonlyMap<string, TaskEntry> {
  return new Map(tasks.filter(({ path }) => !lost.has(path)).map((task) => [task.path, task]));
}

function differences(recorded: TaskEntry | undefined, replayed: TaskEntry | undefined): readonly Found[] {
  if (recorded !== undefined && replayed !== undefined) {
    const input = differenceAt('input', recorded.input, replayed.input);
    if (input.length > 0) return input;
  }
  return resultDifferences(recorded?.result, replayed?.result);
}

function resultDifferences(
  recorded: TaskEntry['result'] | undefined,
  replayed: TaskEntry['result'] | undefined,
): readonly Found[] {
  // Order decides whether a task comes to its end before its attempt does.
  const isOpen = recorded?.status === 'open' || replayed?.status === 'open';
  if (isOpen && recorded !== undefined && replayed !== undefined) return [];
  if (recorded?.status === 'done' && replayed?.status === 'done') {
    const isKept = Object.hasOwn(recorded, 'value') && Object.hasOwn(replayed, 'value');
    return isKept ? differenceAt('result', recorded.value, replayed.value) : [];
  }
  if (recorded?.status === 'failed' && replayed?.status === 'failed')
    return differenceAt('error', errorIdentity(recorded.error), errorIdentity(replayed.error));
  return [{ kind: 'task', path: 'result', recorded: resultText(recorded), replayed: resultText(replayed) }];
}

function differenceAt(path: string, recorded: Value, replayed: Value): readonly Found[] {
  const difference = firstDifference(recorded, replayed, path);
  return difference === undefined ? [] : [{ kind: 'task', ...difference }];
}

function resultText(result: TaskEntry['result'] | undefined): string {
  if (result === undefined) return 'was not opened';
  return result.status === 'failed' ? `failed: ${failureText(result.error)}` : result.status;
}
