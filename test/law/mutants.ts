// Mutants of the engine: each breaks one rule of docs/reference/semantics.md, and the law must catch every one. A
// mutant whose text is no longer found fails the test, so that none can rot.
export interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'deltas are merged in the order of completion',
    edits: [
      {
        file: 'engine/drive/step-run.ts',
        find: 'this.#results[rank] = result;',
        replace: 'this.#results[rank] = result; order.push([this, rank]);',
      },
      {
        file: 'engine/drive/step-run.ts',
        find: 'export class StepRun implements',
        replace: 'const order: [unknown, number][] = []; export class StepRun implements',
      },
      {
        file: 'engine/drive/step-run.ts',
        find: 'for (let rank = 0; rank < this.#results.length; rank += 1) {\n      const result = this.#results[rank];',
        replace:
          'for (const [rank, result] of order.filter(([run]) => run === this).map(([, own]) => [own, this.#results[own]] as const)) {',
      },
    ],
  },
  {
    name: 'a predicate sees the state before the merge',
    edits: [
      {
        file: 'engine/drive/scope-run.ts',
        find: 'planNext(this.graph, state,',
        replace: 'planNext(this.graph, before,',
      },
    ],
  },
  {
    name: 'a join keeps the arrivals that it has used',
    edits: [
      {
        file: 'engine/rules/plan.ts',
        find: 'counted.set(source, count - 1)',
        replace: 'counted.set(source, count)',
      },
    ],
  },
  {
    name: 'a join does not wait for all',
    edits: [{ file: 'engine/rules/plan.ts', find: '!from.every(', replace: '!from.some(' }],
  },
  {
    name: 'ranks follow the names of nodes',
    edits: [
      {
        file: 'engine/rules/plan.ts',
        find: 'frontier: tasks,',
        replace: 'frontier: [...tasks].sort((left, right) => (left.node < right.node ? -1 : 1)),',
      },
    ],
  },
  {
    name: 'two sends to one node become one task',
    edits: [
      {
        file: 'engine/rules/plan.ts',
        find: 'const send = (node: string, input: Value): void => {',
        replace:
          'const send = (node: string, input: Value): void => { if (tasks.some((task) => task.node === node)) return;',
      },
    ],
  },
  {
    name: 'attempts share their draws',
    edits: [
      {
        file: 'engine/world/live-world.ts',
        find: 'new LiveAttempt(this.#clock, attemptKey(this.#key, number))',
        replace: 'new LiveAttempt(this.#clock, attemptKey(this.#key, number * 0 + 1))',
      },
    ],
  },
  {
    name: 'the failure that comes first is the one that counts',
    edits: [
      {
        file: 'engine/drive/step-run.ts',
        find: 'rank < this.#failedRank',
        replace: 'this.#failedRank === Number.POSITIVE_INFINITY',
      },
    ],
  },
  {
    name: 'ranks behind the failing one stay canonical',
    edits: [{ file: 'journal/run/canonical.ts', find: '<= failedRank', replace: '>= 0 * failedRank || true' }],
  },
  {
    name: 'a failed task arrives at its joins',
    edits: [
      {
        file: 'engine/rules/plan.ts',
        find: "end.kind === 'done' && end.routes === undefined",
        replace: "end.kind !== 'done' || end.routes === undefined",
      },
    ],
  },
  {
    name: 'a fault of the code is tried again',
    edits: [{ file: 'engine/rules/retry.ts', find: 'if (isFinal(error))', replace: 'if (isFinal(error) && false)' }],
  },
  {
    name: 'equal requests are not told apart by their occurrence',
    edits: [
      {
        file: 'engine/attempt/effect/effect-refs.ts',
        find: 'occurrence: this.#occurrence(asked)',
        replace: 'occurrence: this.#occurrence(asked) * 0',
      },
    ],
  },
  {
    name: 'a failing task aborts those of lower rank too',
    edits: [{ file: 'engine/drive/step-run.ts', find: 'this.#stopAbove(rank,', replace: 'this.#stopAbove(-1,' }],
  },
  {
    name: 'effects are ordered by their calls',
    edits: [
      {
        file: 'journal/run/canonical-order.ts',
        find: 'return compareEffects(left, right)',
        replace: 'return compareEffects(left, right) * 0',
      },
    ],
  },
];
