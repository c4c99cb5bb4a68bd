// The log: a line for what somebody on call wants to know, with when and where, and never a body.
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, sum } from '../../../src/index.ts';
import { jsonLog } from '../../../src/observe/index.ts';
import type { JsonLogOptions } from '../../../src/observe/index.ts';

const secret = 'sk-proj-4f9a1c77e24f9a1c77e24f9a1c77e2';

const desk = graph('desk', { state: fields({ count: sum() }) })
  .node(
    'fetch',
    async (_state, { effect, emit, attempt }) => {
      const answer = await effect('lookup', { private: 'the request' }, async () => ({ private: 'the answer' }));
      emit('looked-up', { count: 1, apiKey: secret, private: Object.keys(answer).length });
      if (attempt < 2) throw new Error(`refused with Bearer ${secret}`, { cause: new Error('429') });
      return { delta: { count: 1 } };
    },
    { retry: { attempts: 2 } },
  )
  .node('fail', () => {
    throw new Error('no way on');
  })
  .edge('fetch', 'fail')
  .start('fetch')
  .build();

async function linesOf(options?: JsonLogOptions): Promise<{ readonly text: string; readonly lines: readonly Line[] }> {
  const written: string[] = [];
  const log = jsonLog((line) => void written.push(line), options);
  const engine = createEngine(desk, { observers: [log] });
  await engine.run({}, { runId: 'r', labels: { for: 'acme' } });
  await engine.close();
  expect(written.every((line) => line.endsWith('}\n'))).toBe(true);
  return { text: written.join(''), lines: written.map((line) => JSON.parse(line) as Line) };
}

interface Line {
  readonly what: string;
  readonly [name: string]: unknown;
}

describe('jsonLog', () => {
  it('says what happened to a run, where and when', async () => {
    const { lines } = await linesOf();
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const base = { time, runId: 'r', graph: 'desk' };
    const event = { ...base, what: 'event', name: 'looked-up', ordinal: 0 };
    const failed = { ...base, what: 'attempt-failed', began: time, ms: expect.any(Number) };
    expect(lines).toEqual([
      { ...base, what: 'run-began', labels: { for: 'acme' } },
      { ...event, key: '1.0#1' },
      {
        ...failed,
        key: '1.0#1',
        node: 'fetch',
        error: { type: 'Error', message: expect.stringMatching(/^refused with Bearer \[redacted:/), cause: '429' },
      },
      { ...event, key: '1.0#2' },
      { ...base, what: 'attempt-retried', key: '1.0#2', node: 'fetch' },
      { ...failed, key: '2.0#1', node: 'fail', error: { type: 'Error', message: 'no way on' } },
      {
        ...base,
        what: 'run-ended',
        status: 'failed',
        steps: 1,
        key: '2.0',
        error: { type: 'Error', message: 'no way on' },
      },
    ]);
  });

  it('holds no body, no event data unless asked for, and no credential', async () => {
    const { text } = await linesOf();
    expect(text).not.toContain('private');
    expect(text).not.toContain(secret);
    const { text: more, lines } = await linesOf({ eventData: true });
    expect(lines.find(({ what }) => what === 'event')?.data).toMatchObject({ count: 1, private: 1 });
    expect(more).not.toContain(secret);
    expect(more).not.toContain('the answer');
  });

  it('says how many entries it was not given', () => {
    const written: string[] = [];
    void jsonLog((line) => void written.push(line)).observe([], { dropped: 7 });
    expect(written).toEqual(['{"what":"entries-dropped","count":7}\n']);
  });

  it('takes a function and options that are some', () => {
    expect(() => jsonLog(undefined as never)).toThrow('write');
    expect(() => jsonLog(() => undefined, { data: true } as never)).toThrow('data');
  });

  it('says when a fixture was written, as it says of all else when', () => {
    const lines: string[] = [];
    const log = jsonLog((line) => void lines.push(line));
    const time = Date.UTC(2026, 0, 2);
    void log.recorded?.({ runId: 'r', graph: 'desk' }, { status: 'not-recorded', why: 'too many were waiting', time });
    const told = { time: '2026-01-02T00:00:00.000Z', what: 'run-not-recorded', runId: 'r', graph: 'desk' };
    expect(lines.map((line) => JSON.parse(line) as Line)).toEqual([{ ...told, why: 'too many were waiting' }]);
  });
});
