// The classes of causes: the only words that code, reports and documents have for what may be behind a divergence.

/** How `divergenceClasses` explains one cause, in words that are meant for people and may change between releases. */
export interface ClassDescription {
  readonly means: string;
  /** What to do about it. */
  readonly next: string;
}

/**
 * The causes that a divergence can have, by the name that reports use, with what each means and what to do about it.
 * Use it to explain the `class` of a root cause in a report of your own.
 */
export const divergenceClasses = {
  'graph changed': {
    means: 'a declared part of the graph is another than in the recording, and decides it',
    next: 'see the change with `npx reprise graph`; accept it with `npx reprise replay --update`, or take it back',
  },
  'request changed': {
    means: 'from the same state, input and answers the node asks for something else than it did',
    next: 'look at how the node builds the request; if it is meant, record it with `npx reprise replay --update --live`',
  },
  'code changed': {
    means: 'from the same state, input and answers the node makes something else',
    next: 'look at what changed in the node and in what it imports; accept it with `npx reprise replay --update`',
  },
  'routing changed': {
    means: 'the state is the same, and something else comes next: by the route of a node or the condition of an edge',
    next: 'look at the routes of the node and the conditions of its edges; accept them with `npx reprise replay --update`',
  },
  'reducer changed': {
    means: 'the tasks wrote the same, and the function that merges it into the state made something else of it',
    next: 'look at the reducer of the field; accept it with `npx reprise replay --update`',
  },
  'the node threw': {
    means: 'the node failed with an error of its own, at a place where the recording has none or another',
    next: 'look at the frames of the error; the node had the same state, input and answers',
  },
  'input changed': {
    means: 'the runs were given different things: another input, another answer, an edit, a stop or a limit',
    next: 'nothing may be wrong: compare the two values, and begin where they came from',
  },
  'fixture stale or edited': {
    means: 'what was recorded does not fit: somebody edited it, or it is from before a change of the graph',
    next: 'see the edit with `git diff`; write the fixture again with `npx reprise replay --update`',
  },
  'two versions': {
    means:
      'the run was driven by two versions of its graph or code, one after the other, and the other one made this step',
    next: 'compare it with the version that made the step; begin a run with one version, and record that',
  },
  'uncontrolled input': {
    means: 'the node read something that is neither recorded nor given to it: its replays differ, or it was refused',
    next: 'read it through `effect` of the context (HTTP: give the engine `httpEffects()`), or give it to the run as input',
  },
  'order-dependent': {
    means: 'the result depends on the order in which tasks or answers come',
    next: 'find the order and what the tasks share with `npx reprise explain` and `npx reprise check`',
  },
  'engine fault': {
    means: 'Reprise made something else of the same journal',
    next: 'please report it, with the fixture',
  },
} as const satisfies { readonly [name: string]: ClassDescription };

/** The name of a cause, such as `code changed`. The names are stable, so programs may branch on them. */
export type DivergenceClass = keyof typeof divergenceClasses;
