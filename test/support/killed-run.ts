// The graph of the processes that are killed, what the outside answers them, and what has to come out.
import { append, fields, graph, input, last, sum } from '../../src/index.ts';
import type { PerformContext } from '../../src/index.ts';

/** What the outside is told of a call, so that it can be found again in the journal. */
export interface Call {
  readonly runId: string;
  readonly at: string;
  readonly name: string;
  readonly request: readonly number[];
  readonly key: string;
  /** Of the process that calls. */
  readonly pid: number;
}

export type Outside = (call: Call) => Promise<number>;

export const roundCount = 2;
const topicCount = 3;
/** Calls of one run to the outside. */
export const callCount = roundCount * (1 + topicCount * 2 + 1);

export function answerTo(name: string, request: readonly number[]): number {
  return request.reduce((sum, part) => (sum * 31 + part + name.length) % 9_973, 7);
}

export function killedGraph(outside: Outside) {
  const perform =
    ({ runId, at, name }: Omit<Call, 'request' | 'key' | 'pid'>) =>
    (request: number[], { idempotencyKey }: PerformContext): Promise<number> =>
      outside({ runId, at, name, request, key: idempotencyKey, pid: process.pid });
  return graph('killed', {
    state: fields({ runId: last<string>(), item: last<number>(), rounds: sum(), log: append<string>() }),
    inputs: { fetch: input<number>() },
  })
    .node('plan', async ({ runId, item, rounds }, { effect, key, attempt, send }) => {
      const name = 'plan';
      const answer = await effect(name, [item, rounds], perform({ runId, at: `${key}#${attempt}`, name }), {
        once: true,
      });
      const topics = Array.from({ length: topicCount }, (_unused, topic) => send('fetch', answer + topic));
      return { delta: { log: [`plan ${answer}`] }, route: topics };
    })
    .node('fetch', async ({ runId }, { effect, key, attempt, input: topic }) => {
      const call = { runId, at: `${key}#${attempt}` };
      const answers = await Promise.all(
        ['left', 'right'].map((name) => effect(name, [topic], perform({ ...call, name }))),
      );
      return { delta: { log: [`fetch ${answers.join(' ')}`] } };
    })
    .node('write', async ({ runId, item, log, rounds }, { effect, key, attempt, goto, stop }) => {
      const name = 'write';
      const answer = await effect(name, [item, log.length], perform({ runId, at: `${key}#${attempt}`, name }));
      return {
        delta: { log: [`write ${answer}`], rounds: 1 },
        route: rounds + 1 < roundCount ? goto('plan') : stop(),
      };
    })
    .edge('fetch', 'write')
    .start('plan')
    .build();
}

/** What a run that was never killed writes. */
export function expectedLog(item: number): readonly string[] {
  const log: string[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    const planned = answerTo('plan', [item, round]);
    log.push(`plan ${planned}`);
    for (let topic = 0; topic < topicCount; topic += 1)
      log.push(`fetch ${['left', 'right'].map((name) => answerTo(name, [planned + topic])).join(' ')}`);
    log.push(`write ${answerTo('write', [item, log.length])}`);
  }
  return log;
}

export function runIdOf(item: number): string {
  return `run-${item}`;
}
