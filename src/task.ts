// `task` of the main door: a name for a part of what a node does.
import { anyFunction, anything, idText } from './base/options/option-kind.ts';
import type { OptionKind } from './base/options/option-kind.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from './base/options/option-shape.ts';
import { nameLengthMax, nameProblem } from './graph/name.ts';
import { currentAttempt } from './port/attempt.ts';

/**
 * Needed if tasks of one name may start in another order the next time, or if what they work on should be compared in a
 * replay.
 */
export interface TaskOptions {
  /** Distinguishes the task from others of its name and parent, in place of a number in call order. */
  readonly key?: string;
  /** What the task works on. It is journaled and compared, as far as a journal can hold it. */
  readonly input?: unknown;
}

const taskName: OptionKind = {
  wanted: `a string of 1 to ${nameLengthMax} characters without / [ ] : # and control characters`,
  fits: (value) => nameProblem(value) === undefined,
};

export const taskOptions = optionShape<TaskOptions>('task', { key: idText, input: anything });

/**
 * Calls a function as a task inside the running one, and returns what it returns.
 *
 * Use it where a node does several things at once: put each branch into a task. What a node does is told apart by what it
 * asks for, and by call order where it asks for the same thing twice. Inside a task only what that task asks for counts,
 * so parallel branches never get each other's answers, random numbers or ids, even if another order, another run or
 * changed code starts them differently.
 *
 * It can be called anywhere below a node, also in a library that knows nothing of the run. Outside of a run, and inside
 * an effect, it just calls the function. Tasks may be nested. Two of the same name and parent are numbered in call order;
 * where that order depends on chance, give each a `key`. The journal holds the task's input, and its result or error,
 * as far as they can be stored; the caller gets the value itself.
 *
 * ```ts
 * import { createEngine, fields, graph, last, task } from 'reprise';
 *
 * const pair = graph('pair', { state: fields({ drawn: last<readonly number[]>([]) }) })
 *   .node('draw', async (_state, { random }) => {
 *     const branch = async (name: string) => task(name, async () => random());
 *     return { delta: { drawn: await Promise.all([branch('left'), branch('right')]) } };
 *   })
 *   .start('draw')
 *   .build();
 *
 * const engine = createEngine(pair);
 * const { drawn } = await engine.run({}).orThrow();
 * console.log(drawn.length); // 2
 * console.log(task('alone', () => 'outside of a run')); // outside of a run
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`, `task-duplicate`
 */
export function task<Result>(name: string, run: () => Result): TaskResult<Result>;
export function task<Result>(name: string, options: TaskOptions, run: () => Result): TaskResult<Result>;
export function task(name: string, ...rest: [() => unknown] | [TaskOptions, () => unknown]): unknown {
  const [options, run] = rest.length === 1 ? [noOptions as TaskOptions, rest[0]] : rest;
  checkArgument('task', 'name', taskName, name);
  checkOptions(taskOptions, options);
  checkArgument('task', 'run', anyFunction, run);
  const tasks = currentAttempt.getStore()?.tasks;
  return tasks === undefined ? run() : tasks.run({ ...options, name }, run);
}

/** What a task gives back: what its function returns, and a plain promise for anything that can be awaited. */
export type TaskResult<Result> = Result extends PromiseLike<infer Value> ? Promise<Value> : Result;
