// The graph of the kill loop: everything a run can do that has an outside, in one run of a few seconds.
import { randomUUID } from 'node:crypto';
import { append, fields, graph, input, last, sum, text } from '../../../src/index.ts';
import type { CleanUpContext, EffectOptions, PerformContext } from '../../../src/index.ts';

/** What the outside is told of a call. */
export interface Call {
  readonly runId: string;
  /** The attempt that calls. */
  readonly at: string;
  readonly name: string;
  readonly request: readonly (number | string)[];
  readonly key: string;
  /** Of the process that calls. */
  readonly pid: number;
  /** Of the lease under which it drives the run. */
  readonly token: number | undefined;
  /** `fail`: nobody may perform it again unasked. */
  readonly policy: 'retry' | 'fail';
  /** The outside refuses it under the first key that it sees. */
  readonly isRefusedFirst: boolean;
}

/** By run, the token of the last lease that this process had. */
export const tokens = new Map<string, number>();

export type Outside = (call: Call) => Promise<number>;

export interface Input {
  readonly runId: string;
  readonly item: number;
  /** When the nap of the run is over, in milliseconds since 1970. */
  readonly wakeAt: number;
}

export const durabilities = ['effect', 'step'] as const;
export type Durability = (typeof durabilities)[number];

export const signalCount = 3;
export const tokenCount = 30;
const topicCount = 3;

export function answerTo(name: string, request: readonly (number | string)[]): number {
  return [...JSON.stringify([name, request])].reduce((code, char) => (code * 31 + char.charCodeAt(0)) % 9_973, 7);
}

export const graphNameOf = (durability: Durability): string => `work-${durability}`;

/** What people answer: it follows from the question, so that a run that was never killed gets the same. */
export function answerOf(question: unknown): string {
  const { which, round } = question as { readonly which: string; readonly round: number };
  return `yes to ${which}${round}`;
}

interface CallingContext {
  readonly key: string;
  readonly attempt: number;
  effect(
    name: string,
    request: (number | string)[],
    perform: (request: (number | string)[], context: PerformContext) => Promise<number>,
    options?: EffectOptions,
  ): Promise<number>;
}

export function workGraph(durability: Durability, outside: Outside, url: string) {
  const callOf = (call: Omit<Call, 'key' | 'pid' | 'token' | 'request'>) => ({
    perform: (request: (number | string)[], { idempotencyKey }: PerformContext): Promise<number> =>
      outside({ ...call, request, key: idempotencyKey, pid: process.pid, token: tokens.get(call.runId) }),
  });
  const call = (
    runId: string,
    { effect, key, attempt }: CallingContext,
    name: string,
    request: (number | string)[],
    options: EffectOptions & { readonly isRefusedFirst?: boolean } = {},
  ): Promise<number> => {
    const { isRefusedFirst = false, ...given } = options;
    const policy = given.onDoubt === 'fail' ? 'fail' : 'retry';
    const { perform } = callOf({ runId, at: `${key}#${attempt}`, name, policy, isRefusedFirst });
    return effect(name, request, perform, given);
  };

  /** Takes a lock, works, and gives it back; where it is stopped before, a clean-up does. */
  const hold = async (
    runId: string,
    isSlow: boolean,
    context: CallingContext & {
      onStop(cleanUp: (context: CleanUpContext) => unknown): void;
      sleep(delayMs: number): Promise<void>;
    },
  ): Promise<void> => {
    const at = `${context.key}#${context.attempt}`;
    const lock = `${runId} ${at}`;
    const unlock = callOf({ runId, at: `${at}!0`, name: 'unlock', policy: 'retry', isRefusedFirst: false });
    const tell = callOf({ runId, at: `${at}!1`, name: 'stopped', policy: 'retry', isRefusedFirst: false });
    context.onStop(({ effect }) => effect('unlock', [lock], unlock.perform));
    context.onStop(async ({ effect, sleep }) => {
      await effect('stopped', [lock], tell.perform);
      await sleep(5);
    });
    await call(runId, context, 'lock', [lock], { repeat: true });
    await context.sleep(isSlow && context.attempt === 1 ? 3_600_000 : 40);
    await call(runId, context, 'unlock', [lock], { repeat: true });
  };
  const holding = { timeoutMs: 600, retry: { attempts: 100, delayMs: 10 } };
  const patient = { retry: { attempts: 20, delayMs: 10 } };

  const inner = graph(`inner-${durability}`, {
    state: fields({ runId: last<string>(), item: last<number>(), log: append<string>() }),
  })
    .node('hear', async ({ runId, item }, context) => {
      const heard = await context.receive<number>('inner');
      const answer = await call(runId, context, 'heard', [item, heard]);
      return { delta: { log: [`inner ${heard} ${answer}`] } };
    })
    .node(
      'keep',
      async ({ runId, item }, context) => {
        await hold(runId, item % 4 === 2, context);
        return { delta: { log: ['inner kept'] } };
      },
      holding,
    )
    .node(
      'charge',
      async ({ runId, item }, context) => ({
        delta: { log: [`inner charge ${await call(runId, context, 'inner charge', [item], { onDoubt: 'fail' })}`] },
      }),
      patient,
    )
    .edge('charge', 'hear')
    .edge('charge', 'keep')
    .start('charge')
    .build();

  return (
    graph(graphNameOf(durability), {
      state: fields({
        runId: last<string>(),
        item: last<number>(),
        wakeAt: last<number>(),
        log: append<string>(),
        total: sum(),
        story: text(),
        ending: text(),
      }),
      inputs: { fetch: input<number>(), approve: input<string>() },
    })
      .node(
        'order',
        async ({ runId, item }, context) => {
          const options = { once: true, onDoubt: 'fail', isRefusedFirst: item % 5 === 0 } as const;
          const answer = await call(runId, context, 'charge', [item], options);
          const topics = Array.from({ length: topicCount }, (_unused, topic) => context.send('fetch', answer + topic));
          const others = (['reserve', 'write', 'continue', 'hold'] as const).map((node) => context.goto(node));
          return {
            delta: { log: [`charge ${answer}`], total: 1 },
            route: [...others.slice(0, 1), ...topics, ...others.slice(1)],
          };
        },
        patient,
      )
      .node(
        'reserve',
        async ({ runId, item }, context) => ({
          delta: { log: [`reserve ${await call(runId, context, 'reserve', [item], { onDoubt: 'fail' })}`], total: 1 },
        }),
        patient,
      )
      .node(
        'fetch',
        async ({ runId, item }, context) => {
          const { input: topic } = context;
          const response = await fetch(`${url}/quote`, { method: 'POST', body: JSON.stringify([runId, topic]) });
          const quote = (await response.json()) as number;
          const answers = await Promise.all([
            ...['left', 'right'].map((name) => call(runId, context, name, [topic, quote])),
            call(runId, context, 'flaky', [topic], {
              retry: { attempts: 20, delayMs: 10 },
              isRefusedFirst: (item + topic) % 2 === 0,
            }),
            call(runId, context, 'traced', [topic, randomUUID()]).then(() => 0),
          ]);
          context.emit('fetched', topic);
          return { delta: { log: [`fetch ${quote} ${answers.join(' ')}`], total: answers.length } };
        },
        patient,
      )
      .node('write', async function* ({ runId, item }, context) {
        for (let place = 0; place < tokenCount; place += 1) {
          const isCalled = place % 10 === 0;
          if (isCalled) await call(runId, context, 'model', [item, place]);
          else await new Promise((resolve) => setTimeout(resolve, 4));
          yield { story: `${item}.${place} ` };
        }
      })
      .node(
        'continue',
        async function* ({ item }, { resumed }) {
          for (let place = resumed.length; place < tokenCount; place += 1) {
            await new Promise((resolve) => setTimeout(resolve, 4));
            yield { ending: `${item}:${place} ` };
          }
        },
        { resumable: true },
      )
      .node(
        'hold',
        async ({ runId, item }, context) => {
          await hold(runId, item % 4 === 1, context);
          return { delta: { log: ['held'] } };
        },
        holding,
      )
      // Draws belong to an attempt, and this node has one alone.
      .node('gather', ({ log }, { send, goto, random, uuid }) => ({
        delta: { log: [`gather ${log.length} ${random()} ${uuid()}`] },
        route: [goto('pay'), goto('collect'), send('approve', 'a'), send('approve', 'b')],
      }))
      .node(
        'pay',
        async ({ runId, item }, context) => {
          const options = { onDoubt: 'fail', isRefusedFirst: item % 3 === 1 } as const;
          return { delta: { log: [`pay ${await call(runId, context, 'pay', [item], options)}`], total: 1 } };
        },
        patient,
      )
      .node(
        'collect',
        async ({ runId, item }, context) => {
          const log: string[] = [];
          for (let place = 0; place < signalCount; place += 1) {
            const signal = await context.receive<number>('item');
            const booked = await call(runId, context, 'book', [item, signal], { onDoubt: 'fail' });
            log.push(`signal ${signal} ${booked}`);
          }
          return { delta: { log, total: log.length } };
        },
        patient,
      )
      .node('approve', async ({ item }, { ask, input: which }) => {
        const log: string[] = [];
        for (const round of [1, 2]) log.push(await ask<string>({ which, round, item }, { name: 'approve' }));
        return { delta: { log } };
      })
      .node('nap', async ({ item, wakeAt }, { sleep, sleepUntil }) => {
        if (item % 3 === 0) await sleepUntil(wakeAt);
        else if (item % 3 === 1) await sleep(1_000);
        return { delta: { log: ['napped'] } };
      })
      .subgraph('deeper', inner, {
        input: ({ runId, item }) => ({ runId, item, log: [] }),
        output: ({ log }) => ({ log: [...log] }),
      })
      .node('close', async ({ runId, total }, context) => ({
        delta: { log: [`close ${await call(runId, context, 'close', [total])}`] },
      }))
      .edge('reserve', 'gather')
      .edge('fetch', 'gather')
      .edge('write', 'gather')
      .edge('continue', 'gather')
      .edge('hold', 'gather')
      .edge('pay', 'nap')
      .edge('collect', 'nap')
      .edge('approve', 'nap')
      .edge('nap', 'deeper')
      .edge('deeper', 'close')
      .start('order')
      .build()
  );
}

export type WorkGraph = ReturnType<typeof workGraph>;

/** Calls over HTTP, as a client of another service does. What is refused throws. */
export function overHttp(url: string): Outside {
  return async (call) => {
    const response = await fetch(`${url}/call`, { method: 'POST', body: JSON.stringify(call) });
    const answer: unknown = await response.json();
    if (response.status !== 200) throw new Error(`refused: ${String(answer)}`);
    return answer as number;
  };
}
