// What the page looks up in its data.
import type { PageModel, PageRun, PageStep, PageTask, StateChange } from '../src/report/page/page-model.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function readModel(): PageModel {
  return JSON.parse(document.getElementById('model')?.textContent ?? '') as PageModel;
}

/** The place in `tasks` of an address: of a task, an attempt, an effect, or the first task of a step. */
export function taskAt(run: PageRun, address: string): number {
  if (address === '') return -1;
  const key = address.split(':', 1)[0] ?? '';
  for (let end = key.length; end > 0; end = key.lastIndexOf(key.includes('/') ? '/' : '#', end - 1)) {
    const own = key.slice(0, end).replace(/#\d+$/, '');
    const place = run.tasks.findIndex((task) => task.key === own);
    if (place >= 0) return place;
  }
  const step = Number.parseInt(key, 10);
  return run.tasks.findIndex((task) => task.step >= step);
}

/** The steps of the run, or of the inner run that a task belongs to, and which of them is its own. */
export function stepsOf(run: PageRun, task: PageTask): StepsOfTask {
  const end = task.key.lastIndexOf('/');
  const name = task.key.replace(/\.\d+$/, '');
  if (end < 0) return { steps: run.steps, step: task.step, name };
  const scope = run.scopes.find(({ at }) => at === task.key.slice(0, end));
  return { steps: scope?.steps ?? [], step: Number.parseInt(task.key.slice(end + 1), 10), name };
}

export interface StepsOfTask {
  readonly steps: readonly PageStep[];
  readonly step: number;
  /** The key of the step. */
  readonly name: string;
}

export function stateAfter(steps: readonly PageStep[], step: number): { readonly [field: string]: Json } {
  const state: { [field: string]: Json } = Object.create(null);
  /** Lists that were copied here, so that the next items can be added in place: a run adds thousands of times. */
  const own = new Map<string, Json[]>();
  for (const { changes } of steps.slice(0, step + 1)) for (const change of changes) apply(state, own, change);
  return state;
}

function apply(state: { [field: string]: Json }, own: Map<string, Json[]>, change: StateChange): void {
  const { field } = change;
  if (change.kind === 'append') {
    const list = own.get(field) ?? [...((state[field] as readonly Json[] | undefined) ?? [])];
    for (const item of change.items as readonly Json[]) list.push(item);
    own.set(field, list);
    state[field] = list;
    return;
  }
  own.delete(field);
  if (change.kind === 'remove') delete state[field];
  else state[field] = change.value as Json;
}

const texts = new WeakMap<PageTask, string>();

/** All that a task holds, for a search. */
export function textOfTask(task: PageTask): string {
  let text = texts.get(task);
  if (text === undefined) {
    text = JSON.stringify(task).toLowerCase();
    texts.set(task, text);
  }
  return text;
}

export function statusOf({ attempts }: PageTask): string {
  return attempts.at(-1)?.status ?? 'open';
}

/** When the run began and ended, as far as it was observed. */
export function spanOf({ tasks }: PageRun): readonly [number, number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { attempts } of tasks)
    for (const { began, ended } of attempts) {
      if (began !== undefined && began < first) first = began;
      if (ended !== undefined && ended > last) last = ended;
    }
  return first <= last ? [first, Math.max(last, first + 1)] : [0, 1];
}
