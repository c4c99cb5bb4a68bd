// A small graph that can be changed in one place at a time, and its runs.
import { append, createEngine, fields, graph, input, last, memoryStore, reduce, sum } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { canonicalStepsOf } from '../../../src/journal/run/canonical.ts';
import type { CanonicalStep } from '../../../src/journal/run/canonical.ts';
import type { RunEntry } from '../../../src/journal/entry.ts';

/** What a version of the graph does differently from the first. */
export interface Version {
  readonly prompt?: string;
  readonly asksTwice?: boolean;
  readonly asksNothing?: boolean;
  readonly answer?: (request: { readonly topic: string; readonly prompt: string }) => string;
  readonly score?: number;
  readonly topics?: readonly string[];
  readonly reported?: string;
  readonly researchFails?: string;
  readonly weigh?: (state: number, delta: number) => number;
  readonly lastWins?: boolean;
  readonly reviewsAlways?: boolean;
  readonly enough?: number;
}

const prompt = 'Say in one sentence what is known of the topic. Name no source, and do not guess.';

export function desk(version: Version = {}): AnyGraph {
  const latest = version.lastWins === false ? last<string>('') : last<string>('', { onConflict: 'highest-rank' });
  const built = graph('desk', {
    state: fields({
      question: last<string>(),
      notes: append<{ topic: string; text: string }>(),
      tokens: sum(),
      weight: reduce<number>(version.weigh ?? ((state: number, delta: number) => state + delta), 0),
      latest,
      verdict: last<string>('open'),
    }),
    inputs: { research: input<{ topic: string }>() },
  })
    .node('plan', async (_state, { send, emit }) => {
      emit('planned', { by: version.reported ?? 'rule' });
      return {
        delta: { tokens: 10 },
        route: (version.topics ?? ['bees', 'ants']).map((topic) => send('research', { topic })),
      };
    })
    .node('research', async (_state, context) => {
      const { topic } = context.input;
      const ask = (wanted: string): Promise<string> =>
        context.effect('look-up', { topic, prompt: wanted }, async (request) =>
          (version.answer ?? (({ topic: of }) => `all about ${of}`))(request),
        );
      const text = version.asksNothing === true ? 'nothing asked' : await ask(version.prompt ?? prompt);
      if (version.asksTwice === true) await ask('Are you sure?');
      if (version.researchFails === topic) throw new Error(`nothing is known of ${topic}`);
      return { delta: { notes: [{ topic, text }], tokens: version.score ?? 5, weight: 2, latest: topic } };
    })
    .node('judge', async (state) => ({ delta: { verdict: state.notes.length >= 2 ? 'enough' : 'thin' } }))
    .node('review', async () => ({ delta: { tokens: 1 } }))
    .edge('research', 'judge')
    .start('plan');
  const dear = (state: { readonly tokens: number }): boolean => state.tokens > (version.enough ?? 100);
  const ended =
    version.reviewsAlways === true
      ? built.edge('judge', 'review')
      : built.edge('judge', 'review', { when: dear, label: 'dear' });
  return ended.build() as unknown as AnyGraph;
}

export interface RecordedRun {
  readonly run: RunEntry;
  readonly steps: readonly CanonicalStep[];
}

export async function runOf(version: Version, question = 'What flies?'): Promise<RecordedRun> {
  const store = memoryStore();
  await using engine = createEngine(desk(version), { store });
  await engine.run({ question }, { runId: 'run', seed: 'seed' });
  return await storedRun(store);
}

export async function storedRun(store: RunStore): Promise<RecordedRun> {
  const steps: CanonicalStep[] = [];
  for await (const step of canonicalStepsOf(store.read('run') as AsyncIterable<never>)) steps.push(step);
  const run = steps[0]?.entries.find((entry) => entry.kind === 'run') as RunEntry;
  return { run, steps };
}
