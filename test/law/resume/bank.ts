// An outside that is paid, and processes that are killed or give up while they pay.
import { join } from 'node:path';
import { append, fields, graph } from 'reprise';
import type { AnyGraph, NodeContext, ResumeOptions } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { expect } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import type { AnyRun } from '../../../src/graph/types/run-types.ts';
import { runId } from './going-on.ts';
import type { Place } from './going-on.ts';

/** How long an attempt may do nothing before what it has not asked for again counts as not asked for. */
const restMs = 1_000;

export type Code = (context: NodeContext<never, never>) => Promise<readonly string[]>;

export function running(code: Code, policy: { readonly timeoutMs?: number } = {}): AnyGraph {
  return graph('running', { state: fields({ log: append<string>() }) })
    .node('pay', async (_state, context) => ({ delta: { log: [...(await code(context as never))] } }), policy)
    .start('pay')
    .build();
}

/** Drives a run until its code has come to rest, and kills its process there. */
export async function killedAtRest(place: Place, code: Code, how: ResumeOptions | 'begin' = 'begin'): Promise<void> {
  const clock = new ManualClock();
  const engine = testEngine(running(code), { store: place(), clock });
  const run = how === 'begin' ? engine.run({}, { runId, seed: 'seed' }) : engine.resume(runId, how);
  await settled();
  await settled();
  await engine.close();
  await run;
}

/** Drives a run until it has failed: its node gives up after 100 ms. */
export async function failedRun(place: Place, code: Code): Promise<AnyRun> {
  const clock = new ManualClock();
  const engine = testEngine(running(code, { timeoutMs: 100 }), { store: place(), clock }, { graceMs: 0 });
  try {
    return await clock.until(engine.run({}, { runId, seed: 'seed' }));
  } finally {
    await engine.close();
  }
}

export async function replaysSame(place: Place, code: Code): Promise<void> {
  const path = join(temporaryFolder(), 'run.run.jsonl');
  const store = place();
  await exportRunTo(store, runId, path);
  await store.close();
  const { report } = await replay(running(code, { timeoutMs: 100 }), path);
  expect(report.divergences).toEqual([]);
}

/** @returns the run, or the code and the fields of the error with which it was refused. */
export async function resumed(place: Place, code: Code, options: ResumeOptions = {}): Promise<object> {
  const clock = new ManualClock();
  const engine = testEngine(running(code), { store: place(), clock });
  const ended = clock.until(
    engine.resume(runId, options).catch(({ code: refused, message, nextStep, fields: of }) => ({
      refused,
      message,
      nextStep,
      fields: of,
    })),
    restMs,
  );
  try {
    return await ended;
  } finally {
    await engine.close();
  }
}

export interface Charge {
  readonly name?: string;
  readonly euro?: number;
  readonly options?: object;
}

export class Bank {
  readonly served: string[] = [];
  isDown = true;

  charging({ name = 'charge', euro = 44, options = { onDoubt: 'fail' } }: Charge = {}): Code {
    return async ({ effect }) => [
      await effect(
        name,
        { euro },
        (): Promise<string> => {
          this.served.push(`${name} ${euro}`);
          return this.isDown ? new Promise(() => undefined) : Promise.resolve('paid');
        },
        options,
      ),
    ];
  }
}
