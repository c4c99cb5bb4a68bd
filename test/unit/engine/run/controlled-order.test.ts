import { expect, it } from 'vitest';
import { append, fields, graph } from '../../../../src/index.ts';
import { liveClock } from '../../../../src/live/clock.ts';
import type { Arrival, Oracle } from '../../../../src/port/oracle.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { testEngine } from '../../../support/test-engine.ts';

const streaming = graph('streaming', { state: fields({ found: append<string>() }) })
  .node('write', async function* (_state, { effect }) {
    yield { found: [await effect('model', 'x', async () => 'an answer')] };
  })
  .start('write')
  .build();

async function arrivalsWith(more: Pick<Oracle, 'isControlled' | 'left'>): Promise<readonly string[]> {
  const arrivals: string[] = [];
  const arrive = (arrival: Arrival): void => {
    arrivals.push(arrival.kind);
    // Never while it is asked about: an oracle that controls the order chooses later.
    setImmediate(() => arrival.deliver());
  };
  const engine = testEngine(streaming, { store: memoryStore(), clock: liveClock, oracle: { arrive, ...more } });
  const run = await engine.run({}, { runId: 'controlled' });
  expect(run.state).toEqual({ found: ['an answer'] });
  await engine.close();
  return arrivals;
}

it('asks an oracle that does not control the order about outcomes alone', async () => {
  expect(await arrivalsWith({})).toEqual(['effect', 'task']);
});

it('asks one that does about starts, requests and chunks too, and tells it of attempts that are over', async () => {
  const left: string[] = [];
  const arrivals = await arrivalsWith({ isControlled: true, left: (at) => void left.push(at) });
  expect(arrivals).toEqual(['start', 'request', 'effect', 'chunk', 'task']);
  expect(left).toEqual(['1.0#1']);
});
