// Which tasks of a stored run were open when its process died.
import type { TaskSpec } from '../../../journal/entry.ts';
import type { RunFold } from '../../../journal/fold/run-fold.ts';
import { rootScope, scopeOfStep, stepKey, stepNumber, taskKey, taskOfAttempt } from '../../../journal/key.ts';
import type { AttemptKey, ScopeKey } from '../../../journal/key.ts';

interface OpenScope {
  readonly scope: ScopeKey;
  /** Its last committed step. */
  readonly step: number;
  readonly frontier: readonly TaskSpec[];
}

/**
 * The open tasks, each as its node and key, such as `charge (2.0)`. One that only waits for its inner run is left out:
 * the tasks of that run are named.
 */
export function tasksUnderWay({ step, frontier, openStep }: RunFold): readonly string[] {
  const done = new Set<string>();
  const ended = new Set<string>();
  const scopes = new Map<ScopeKey, OpenScope>();
  for (const entry of openStep) {
    if (entry.kind === 'outcome') {
      ended.add(entry.at);
      if (entry.result.status === 'done') done.add(taskOfAttempt(entry.at));
    } else if (entry.kind === 'commit') {
      const scope = scopeOfStep(entry.at);
      scopes.set(scope, { scope, step: stepNumber(entry.at), frontier: entry.frontier });
    }
  }
  const inner = [...scopes.values()].filter(({ scope }) => attemptsAround(scope).every((at) => !ended.has(at)));
  const waiting = new Set<string>(inner.map(({ scope }) => taskOfAttempt(scope as AttemptKey)));
  return [{ scope: rootScope, step, frontier }, ...inner].flatMap((open) =>
    open.frontier.flatMap(({ node }, rank) => {
      const key = taskKey(stepKey(open.scope, open.step + 1), rank);
      return done.has(key) || waiting.has(key) ? [] : [`${node} (${key})`];
    }),
  );
}

/** The attempt that is this scope, and those that it nests in. */
function attemptsAround(scope: string): readonly string[] {
  const attempts = [scope];
  for (let end = scope.lastIndexOf('/'); end > 0; end = scope.lastIndexOf('/', end - 1))
    attempts.push(scope.slice(0, end));
  return attempts;
}
