// Traces by the real SDK: nesting, times and failures are those of the journal, whatever becomes of the run.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { createEngine, fields, graph, memoryStore, sum } from '../../../src/index.ts';
import type { AnyGraph, ObservedEntry, RunStore } from '../../../src/index.ts';
import { openTelemetry } from '../../../src/observe/opentelemetry/index.ts';
import type { OpenTelemetryOptions } from '../../../src/observe/opentelemetry/index.ts';
import { recordsMax } from '../../../src/observe/opentelemetry/run-trace.ts';
import { aborted } from '../../support/aborted.ts';
import { collected } from '../../support/journals.ts';
import { settled } from '../../support/manual-clock.ts';
import { allSpans, memoryTracing, spanTrees, treeText } from '../../support/span-tree.ts';
import type { SpanNode } from '../../support/span-tree.ts';

const inner = graph('inner', { state: fields({ count: sum() }) })
  .node('look', async (_state, { effect }) => ({ delta: { count: await effect('one', 1, async (one) => one) } }))
  .node('think', (_state, { emit }) => emit('thought', { of: 'it', apiKey: 'sk-4f9a1c77e24f9a1c77e2' }))
  .edge('look', 'think')
  .start('look')
  .build();
const desk = graph('desk', { state: fields({ count: sum(), isBroken: sum() }) })
  .node('split', () => undefined)
  .subgraph('below', inner, { input: () => ({}), output: ({ count }) => ({ count }) })
  .node(
    'try',
    async (_state, { effect, attempt }) => {
      await effect('ask', attempt, async (request) => {
        if (request === 1) throw new TypeError('not yet');
      });
    },
    { retry: { attempts: 2 } },
  )
  .node('last', ({ isBroken }) => {
    if (isBroken > 0) throw new Error('broken', { cause: new Error('by hand') });
  })
  .edge('split', 'below')
  .edge('split', 'try')
  .join(['below', 'try'], 'last')
  .start('split')
  .build();
const asking = graph('asking', { state: fields({ count: sum() }) })
  .node('look', async (_state, { effect }) => void (await effect('one', 1, async (one) => one)))
  .node('ask', async (_state, { ask }) => ({ delta: { count: Number(await ask('how many?')) } }))
  .edge('look', 'ask')
  .start('look')
  .build();

interface Traced {
  readonly trees: readonly SpanNode[];
  readonly spans: readonly SpanNode[];
  readonly store: RunStore;
}

type Engine = ReturnType<typeof createEngine>;

async function traced(
  graphOf: AnyGraph,
  use: (engine: Engine) => Promise<unknown>,
  options: Omit<OpenTelemetryOptions, 'tracer' | 'tracerProvider'> = {},
): Promise<Traced> {
  const { exporter, tracerProvider } = memoryTracing();
  const store = memoryStore();
  const engine = createEngine(graphOf, {
    store,
    graceMs: 100,
    observers: [openTelemetry({ tracerProvider, ...options })],
  });
  await use(engine);
  await engine.close();
  const trees = spanTrees(exporter.getFinishedSpans());
  return { trees, spans: allSpans(trees), store };
}

const named = (spans: readonly SpanNode[], name: string): readonly SpanNode[] =>
  spans.filter((span) => span.name === name);

describe('openTelemetry', () => {
  it('nests run, steps, tasks, attempts and effects, the steps of a subgraph below the attempt that ran it', async () => {
    const { trees } = await traced(desk, (engine) => engine.run({}));
    expect(treeText(trees)).toBe(
      [
        'run desk',
        '  step 1',
        '    task split',
        '      attempt 1',
        '  step 2',
        '    task below',
        '      attempt 1',
        '        step 1',
        '          task look',
        '            attempt 1',
        '              one',
        '        step 2',
        '          task think',
        '            attempt 1',
        '    task try',
        '      attempt 1',
        '        ask',
        '      attempt 2',
        '        ask',
        '  step 3',
        '    task last',
        '      attempt 1',
        '',
      ].join('\n'),
    );
  });

  it('has the times of the journal', async () => {
    const { spans, store } = await traced(desk, (engine) => engine.run({}, { runId: 'r' }));
    const times = new Map<string, readonly [number, number]>();
    let runBegan = 0;
    const committed = new Map<string, number>();
    for await (const entry of store.read('r')) {
      if (entry.kind === 'run') runBegan = entry.observed.time;
      if (entry.kind === 'end') times.set('run', [runBegan, entry.observed.time]);
      if (entry.kind === 'outcome') times.set(entry.at, [entry.observed.began, entry.observed.ended]);
      if (entry.kind === 'effect') times.set(`${entry.at} ${entry.name}`, [entry.observed.began, entry.observed.ended]);
      if (entry.kind !== 'commit') continue;
      const scope = entry.at.slice(0, entry.at.lastIndexOf('/') + 1);
      times.set(entry.at, [committed.get(scope) ?? 0, entry.observed.time]);
      committed.set(scope, entry.observed.time);
    }
    let seen = 0;
    const check = (node: SpanNode, attempt: string): void => {
      const { attributes } = node;
      const own = attributes['reprise.attempt.key'] ?? attributes['reprise.step.key'];
      const key = own ?? (node.name.startsWith('run ') ? 'run' : `${attempt} ${node.name}`);
      const wanted = times.get(String(key));
      if (wanted !== undefined) {
        seen += 1;
        expect([key, node.began, node.ended]).toEqual([key, ...wanted]);
      } else expect(attributes).toHaveProperty(['reprise.task.key']);
      for (const child of node.children) {
        check(child, String(attributes['reprise.attempt.key'] ?? attempt));
        expect(child.began).toBeGreaterThanOrEqual(node.began);
        expect(child.ended).toBeLessThanOrEqual(node.ended);
      }
    };
    const [run] = named(spans, 'run desk');
    check(run as SpanNode, '');
    // The commits of the step 0 of the run and of the subgraph are no spans.
    expect(seen).toBe(times.size - 2);
  });

  it('tells failures as status and exception, of what failed and no more', async () => {
    const { spans } = await traced(desk, (engine) => engine.run({ isBroken: 1 }));
    const failed = spans.filter(({ span }) => span.status.code === SpanStatusCode.ERROR).map(({ name }) => name);
    expect(failed).toEqual(['run desk', 'attempt 1', 'ask', 'task last', 'attempt 1']);
    const [run] = named(spans, 'run desk');
    expect(run?.span.status.message).toBe('broken');
    expect(run?.attributes).toMatchObject({ 'reprise.run.status': 'failed', 'reprise.run.steps': 2 });
    expect(run?.span.events.map(({ name, attributes }) => ({ name, ...attributes }))).toEqual([
      {
        name: 'exception',
        'exception.type': 'Error',
        'exception.message': 'broken',
        'reprise.error.cause': 'by hand',
      },
    ]);
    const [ask] = named(spans, 'ask');
    expect(ask?.span.events[0]?.attributes).toMatchObject({ 'exception.type': 'TypeError' });
    expect(ask?.attributes).toMatchObject({
      'error.type': 'TypeError',
      'reprise.effect.address': '2.1#1:call:ask~6b86b27',
      'reprise.effect.type': 'call',
    });
    expect(ask?.span.kind).toBe(SpanKind.INTERNAL);
  });

  it('tells events with their time, and their data where that is asked for, without credentials', async () => {
    const eventOf = ({ spans }: Traced) =>
      spans.flatMap(({ span }) => span.events).find(({ name }) => name === 'thought');
    const without = eventOf(await traced(desk, (engine) => engine.run({})));
    expect(without?.attributes).toEqual({ 'reprise.event.ordinal': 0 });
    const { spans } = await traced(desk, (engine) => engine.run({}), { eventData: true });
    const data = JSON.parse(String(eventOf({ spans } as Traced)?.attributes?.['reprise.event.data'])) as object;
    expect(data).toMatchObject({ of: 'it' });
    expect(JSON.stringify(data)).not.toContain('4f9a1c');
  });

  it('gives each stretch of a run that pauses a trace of its own', async () => {
    const { trees } = await traced(asking, async (engine) => {
      await engine.run({}, { runId: 'r' });
      await engine.resume('r', { answer: '2' });
    });
    const [first, second] = [...trees].sort(
      (left, right) => left.began - right.began || right.children.length - left.children.length,
    );
    expect(first?.attributes).toMatchObject({ 'reprise.run.id': 'r', 'reprise.run.status': 'paused' });
    expect(treeText(first === undefined ? [] : [first])).toContain('task look');
    expect(second?.attributes).toMatchObject({
      'reprise.run.id': 'r',
      'reprise.run.status': 'done',
      'reprise.run.resumed': true,
    });
    expect(treeText(second === undefined ? [] : [second])).toBe(
      'run asking\n  step 2\n    task ask\n      attempt 1\n        ask question\n',
    );
    expect(trees).toHaveLength(2);
  });

  it('tells of a fork what happened there', async () => {
    const { trees } = await traced(desk, async (engine) => {
      await engine.run({}, { runId: 'r', labels: { for: 'acme' } });
      await engine.fork('r', { step: 2, runId: 'fork' });
    });
    const fork = trees.find(({ attributes }) => attributes['reprise.run.id'] === 'fork');
    expect(fork?.attributes).toMatchObject({
      'reprise.run.parent_id': 'r',
      'reprise.run.status': 'done',
      'reprise.run.label.for': 'acme',
    });
    expect(treeText(fork === undefined ? [] : [fork])).toBe('run desk\n  step 3\n    task last\n      attempt 1\n');
    expect(trees).toHaveLength(2);
  });

  it('puts runs below the context that they are given', async () => {
    const { exporter, tracerProvider } = memoryTracing();
    const tracer = tracerProvider.getTracer('web');
    const request = tracer.startSpan('GET /answer');
    const observer = openTelemetry({ tracer, parentOf: () => trace.setSpan(ROOT_CONTEXT, request) });
    const engine = createEngine(desk, { observers: [observer] });
    await engine.run({});
    await engine.close();
    request.end();
    const [root, ...rest] = spanTrees(exporter.getFinishedSpans());
    expect(rest).toEqual([]);
    expect(root?.children.map(({ name }) => name)).toEqual(['run desk']);
  });

  it('says of a run that is cancelled what was stopped', async () => {
    const slow = graph('slow', { state: fields({}) })
      .node('wait', async (_state, { effect, signal }) => {
        await effect('first', 1, async (one) => one);
        await aborted(signal);
      })
      .start('wait')
      .build();
    const { spans } = await traced(slow, async (engine) => {
      const run = engine.run({}, { runId: 'r' });
      await settled();
      await engine.cancel('r', 'enough');
      await run;
    });
    expect(named(spans, 'run slow')[0]?.attributes).toMatchObject({ 'reprise.run.status': 'cancelled' });
    expect(named(spans, 'attempt 1')[0]?.attributes).toMatchObject({
      'reprise.attempt.status': 'stopped',
      'reprise.node.name': 'wait',
    });
    expect(named(spans, 'first')).toHaveLength(1);
  });

  it('tells the beginning of a step that is too large, and how much is left out', async () => {
    const { exporter, tracerProvider } = memoryTracing();
    const observer = openTelemetry({ tracerProvider });
    const run = { runId: 'r', graph: 'large' };
    const entries: Entry[] = Array.from(
      { length: recordsMax + 5 },
      (_none, ordinal) =>
        ({
          kind: 'event',
          at: '1.0#1',
          name: 'tick',
          stream: '',
          ordinal,
          data: null,
          observed: { time: 5 },
        }) as unknown as Entry,
    );
    void observer.observe(
      [...entries, { kind: 'commit', at: '1', frontier: [], observed: { time: 9 } } as unknown as Entry].map(
        (entry): ObservedEntry => ({ run, entry }),
      ),
      { dropped: 0 },
    );
    const step = exporter.getFinishedSpans().find(({ name }) => name === 'step 1');
    expect(step?.attributes).toMatchObject({ 'reprise.step.left_out': 5 });
  });

  it('ends every span of any part of a journal, and says that it is incomplete', async () => {
    const { store } = await traced(desk, (engine) => engine.run({}, { runId: 'r' }));
    const journal = [...(await collected(store.read('r')))];
    await fc.assert(
      fc.asyncProperty(fc.subarray(journal), async (some) => {
        const { exporter, tracerProvider } = memoryTracing();
        let open = 0;
        const tracer = tracerProvider.getTracer('t');
        const counting = {
          ...tracer,
          startSpan: (...given: Parameters<typeof tracer.startSpan>) => {
            open += 1;
            return tracer.startSpan(...given);
          },
        } as typeof tracer;
        const observer = openTelemetry({ tracer: counting });
        const run = { runId: 'r', graph: 'desk' };
        await observer.observe(
          some.map((entry): ObservedEntry => ({ run, entry })),
          { dropped: 0 },
        );
        await observer.observe([], { dropped: 1 });
        await observer.flush?.();
        const spans = exporter.getFinishedSpans();
        expect(spans).toHaveLength(open);
        const isCut = some.length > 0 && some.at(-1)?.kind !== 'end';
        const root = spans.find(({ name }) => name === 'run desk');
        if (isCut && root !== undefined) expect(root.attributes['reprise.run.incomplete']).toBe(true);
        for (const { startTime, endTime } of spans)
          expect(endTime[0] * 1e9 + endTime[1]).toBeGreaterThanOrEqual(startTime[0] * 1e9 + startTime[1]);
      }),
    );
  });

  it('refuses invalid options', () => {
    const { tracerProvider } = memoryTracing();
    expect(() => openTelemetry({ tracerProvider, tracer: tracerProvider.getTracer('t') })).toThrow('tracer');
    expect(() => openTelemetry({ provider: tracerProvider } as never)).toThrow('provider');
    expect(() => openTelemetry({ parentOf: 1 } as never)).toThrow('parentOf');
  });
});
