// Every door refuses options that it does not know, and wrong values of those that it does: nothing is accepted and ignored.
import { trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import type { OptionKind } from '../../../../src/base/options/option-kind.ts';
import type { OptionShape } from '../../../../src/base/options/option-shape.ts';
import { checkConfig } from '../../../../src/config.ts';
import { createEngine } from '../../../../src/create-engine.ts';
import { compareOptions, compareRuns } from '../../../../src/diff/compare-runs.ts';
import {
  askOptions,
  cleanUpEffectOptions,
  effectOptions,
  emitOptions,
  onStopOptions,
  receiveOptions,
} from '../../../../src/engine/options/context-options.ts';
import { engineOptions } from '../../../../src/engine/options/engine-options.ts';
import { enqueueOptions } from '../../../../src/engine/options/enqueue-options.ts';
import { forkOptions } from '../../../../src/engine/options/fork-options.ts';
import { resumeOptions, runOptions } from '../../../../src/engine/options/run-options.ts';
import { streamOptions } from '../../../../src/engine/options/stream-options.ts';
import { historyOptions } from '../../../../src/engine/options/history-options.ts';
import { workOptions } from '../../../../src/engine/options/work-options.ts';
import { lawOptions } from '../../../../src/explore/store/store-law.ts';
import { explain } from '../../../../src/explore/explain/explain.ts';
import { explainOptions } from '../../../../src/explore/explain/explain-options.ts';
import { explore } from '../../../../src/explore/explore.ts';
import { exploreOptions } from '../../../../src/explore/explore-options.ts';
import {
  arbitraryDelta,
  arbitraryDeltaOptions,
  arbitraryRun,
  arbitraryRunOptions,
} from '../../../../src/explore/law/arbitrary-run.ts';
import { reducerLawOptions, reducerLaws } from '../../../../src/explore/law/reducer-laws.ts';
import { checkStore, storeLaws } from '../../../../src/explore/store/store-laws.ts';
import { edgeOptions, graph, graphOptions, subgraphMapping } from '../../../../src/graph/build/builder.ts';
import { answerOptions } from '../../../../src/testing/answer/content.ts';
import { anthropicMessage } from '../../../../src/testing/answer/anthropic-message.ts';
import { chatCompletion } from '../../../../src/testing/answer/chat-completion.ts';
import { googleContent } from '../../../../src/testing/answer/google-content.ts';
import { openaiResponse } from '../../../../src/testing/answer/openai-response.ts';
import { fixtureOf, fixtureOfOptions } from '../../../../src/testing/fixture-of.ts';
import { last, lastOptions, merge, mergeOptions, reduce, reduceOptions } from '../../../../src/graph/field.ts';
import { nodeOptions, subgraphOptions } from '../../../../src/graph/build/node-policy.ts';
import { fields } from '../../../../src/graph/state.ts';
import { eventStreamOptions } from '../../../../src/live/sse/event-stream.ts';
import { eventStreamResponse } from '../../../../src/live/sse/event-stream-response.ts';
import { sendEventStream } from '../../../../src/live/sse/send-event-stream.ts';
import { httpEffects } from '../../../../src/live/http/http-effects.ts';
import { httpOptions } from '../../../../src/live/http/options/http-options.ts';
import { bufferedEmitter, emitterOptions, jsonLinesEmitter, linesOptions } from '../../../../src/observe/emitters.ts';
import { followOptions, followStore } from '../../../../src/observe/follow-store.ts';
import { jsonLog, logOptions } from '../../../../src/observe/json-log.ts';
import { openTelemetry, traceOptions } from '../../../../src/observe/opentelemetry/open-telemetry.ts';
import { metricOptions, prometheus } from '../../../../src/observe/prometheus/prometheus.ts';
import { usageOptions, usageSummary } from '../../../../src/observe/usage-summary.ts';
import {
  exportOptions,
  exportRun,
  exportRunTo,
  exportToOptions,
  previewOptions,
  previewRedaction,
} from '../../../../src/record/export-run.ts';
import { redactStore, redactStoreOptions } from '../../../../src/record/redact-store.ts';
import { scrubFixture, scrubOptions } from '../../../../src/record/scrub.ts';
import { recordOptions, recordRun } from '../../../../src/record/record-run.ts';
import { replay } from '../../../../src/replay/replay.ts';
import { fixtureBridge } from '../../../../src/msw/fixture-bridge.ts';
import { fixtureHandlers, fixtureHandlersOptions } from '../../../../src/msw/fixture-handlers.ts';
import { replayOptions } from '../../../../src/replay/session/replay-options.ts';
import { memoryStore, memoryStoreOptions } from '../../../../src/store/memory/memory.ts';
import { pruneOptions } from '../../../../src/store/prune-query.ts';
import { s3Options, s3Parts } from '../../../../src/store/parts/s3-parts.ts';
import { runQuery } from '../../../../src/store/run-query.ts';
import { storeOptions } from '../../../../src/store/sqlite/options.ts';
import { postgresOptions } from '../../../../src/store/postgres/options.ts';
import { postgresStore } from '../../../../src/store/postgres/postgres-store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { shrinkFixture, shrinkOptions } from '../../../../src/update/shrink/shrink-fixture.ts';
import { updateFixture, updateOptions } from '../../../../src/update/update-fixture.ts';
import { vacuumOptions } from '../../../../src/store/sqlite/operation/vacuum.ts';
import { readOptions } from '../../../../src/stream/read-options.ts';
import { task, taskOptions } from '../../../../src/task.ts';
import { isProduct, textFiles, textOf } from '../../../repo/repository.ts';

type AnyShape = OptionShape<Readonly<Record<string, unknown>>>;
interface Door {
  readonly shape: AnyShape;
  readonly call: (options: never) => unknown;
  /** What the door needs besides. */
  readonly needed?: object;
}

const nothing = (): void => undefined;
const plain = graph('plain', { state: fields({}) })
  .node('idle', nothing)
  .start('idle')
  .build();
const loose = graph('loose', { state: fields({}) }) as unknown as Readonly<
  Record<string, (...given: never[]) => unknown>
>;
const memory = memoryStore();
// Never opened: its options are checked before the file is.
const file = sqliteStore('never-opened.db');
const engine = createEngine(plain);
afterAll(() => engine.close());
const stream = { hasEnded: false, async *[Symbol.asyncIterator]() {} };
const inputOutput = { input: nothing, output: nothing };

/** Calls something in a function that cleans up after a node that takes too long. */
async function inCleanUp(
  call: (context: Readonly<Record<string, (...given: never[]) => unknown>>) => unknown,
): Promise<void> {
  let thrown: unknown;
  const stopped = graph('stopped', { state: fields({}) })
    .node(
      'hold',
      (_state, { onStop }) => {
        onStop(async (context) => {
          try {
            await call(context as never);
          } catch (error) {
            thrown = error;
          }
        });
        return new Promise<undefined>(nothing);
      },
      { timeoutMs: 1 },
    )
    .start('hold')
    .build();
  await createEngine(stopped, { graceMs: 0 }).run({});
  if (thrown !== undefined) throw thrown;
}

/** What a node is refused, before the engine makes it the failure of the run. */
async function inNode(
  call: (context: Readonly<Record<string, (...given: never[]) => unknown>>) => unknown,
): Promise<void> {
  let thrown: unknown;
  const calling = graph('calling', { state: fields({}) })
    .node('call', async (_state, context) => {
      try {
        await call(context as never);
      } catch (error) {
        thrown = error;
      }
    })
    .start('call')
    .build();
  await using calls = createEngine(calling);
  await calls.run({});
  throw thrown;
}

const door = <Options>(shape: OptionShape<Options>, call: (options: never) => unknown, needed?: object): Door => ({
  shape: shape as unknown as AnyShape,
  call,
  ...(needed === undefined ? {} : { needed }),
});

const doors: readonly Door[] = [
  door(engineOptions, (options) => createEngine(plain, options)),
  door(runOptions, (options) => engine.run({}, options)),
  door(resumeOptions, (options) => engine.resume('run', options)),
  door(resumeOptions, (options) => engine.fork('run', { step: 0 }, options)),
  door(forkOptions, (options) => engine.fork('run', options), { step: 0 }),
  door(enqueueOptions, (options) => engine.enqueue({}, options)),
  door(streamOptions, (options) => engine.stream({}, options)),
  door(readOptions, (options) => engine.read('run', options)),
  door(historyOptions, (options) => engine.history('run', options)),
  door(workOptions, (options) => engine.work(options)),
  door(effectOptions, (options) => inNode(({ effect }) => effect?.(...(['name', null, nothing, options] as never[])))),
  door(cleanUpEffectOptions, (options) =>
    inCleanUp(({ effect }) => effect?.(...(['name', null, nothing, options] as never[]))),
  ),
  door(askOptions, (options) => inNode(({ ask }) => ask?.(...(['question', options] as never[])))),
  door(emitOptions, (options) => inNode(({ emit }) => emit?.(...(['name', null, options] as never[])))),
  door(onStopOptions, (options) => inNode(({ onStop }) => onStop?.(...([nothing, options] as never[])))),
  door(receiveOptions, (options) => inNode(({ receive }) => receive?.(...(['signal', options] as never[])))),
  door(taskOptions, (options) => task('name', options, nothing)),
  door(httpOptions, (options) => httpEffects(options)),
  door(eventStreamOptions, (options) => eventStreamResponse(stream, options)),
  door(eventStreamOptions, (options) => sendEventStream(stream, undefined as never, options)),
  door(memoryStoreOptions, (options) => memoryStore(options)),
  door(storeOptions, (options) => sqliteStore('runs.db', options)),
  door(postgresOptions, (options) => postgresStore('postgres://localhost/never', options)),
  door(s3Options, (options) => s3Parts(options), {
    endpoint: 'http://localhost',
    bucket: 'runs',
    accessKeyId: 'id',
    secretAccessKey: 'key',
  }),
  door(vacuumOptions, (options) => file.vacuum(options)),
  ...[memory, file].flatMap((store) => [
    door(pruneOptions, (options) => store.prune(options), { olderThan: 0 }),
    door(runQuery, (options) => store.list(options)),
  ]),
  door(exportOptions, (options) => exportRun(memory, 'run', options)),
  door(previewOptions, (options) => previewRedaction(memory, 'run', options)),
  door(redactStoreOptions, (options) => redactStore(memory, options)),
  door(scrubOptions, (options) => scrubFixture('a.run.jsonl', options)),
  door(exportToOptions, (options) => exportRunTo(memory, 'run', 'out', options)),
  door(recordOptions, (options) => recordRun(plain, {}, options), { out: 'out/' }),
  door(replayOptions, (options) => replay(plain, 'run.jsonl', options)),
  door(updateOptions, (options) => updateFixture(plain, 'run.jsonl', options)),
  door(shrinkOptions, (options) => shrinkFixture(plain, 'run.jsonl', 'small.run.jsonl', options)),
  door(compareOptions, (options) => compareRuns(undefined as never, undefined as never, options)),
  door(fixtureHandlersOptions, (options) => fixtureHandlers('run.jsonl', options)),
  door(fixtureHandlersOptions, (options) => fixtureBridge('run.jsonl', options)),
  door(explainOptions, (options) => explain(plain, 'none', options)),
  door(exploreOptions, (options) => explore(plain, { input: {} }, options)),
  door(fixtureOfOptions, (options) => fixtureOf(plain, {}, options), { out: 'out/' }),
  ...[anthropicMessage, chatCompletion, googleContent, openaiResponse].map((answer) =>
    door(answerOptions, (options) => answer('text', options)),
  ),
  door(arbitraryDeltaOptions, (options) => arbitraryDelta('run.jsonl', options)),
  door(arbitraryRunOptions, (options) => arbitraryRun(plain, options)),
  door(reducerLawOptions, (options) => reducerLaws(plain, options)),
  door(lawOptions, (options) => checkStore(() => ({ connect: memoryStore }), options)),
  ...[storeLaws[0], storeLaws.at(-1)].map((law) =>
    door(lawOptions, (options) => law?.check(() => ({ connect: memoryStore }), options)),
  ),
  door(followOptions, (options) => followStore(memory, { observe: nothing }, options), {
    cursor: { load: nothing, save: nothing },
  }),
  door(usageOptions, (options) => usageSummary([], options)),
  door(logOptions, (options) => jsonLog(nothing, options)),
  door(linesOptions, (options) => jsonLinesEmitter(nothing, options)),
  door(emitterOptions, (options) => bufferedEmitter(options)),
  door(traceOptions, (options) => openTelemetry(options)),
  door(metricOptions, (options) => prometheus(options), { register: new Registry() }),
  door(graphOptions, (options) => graph('named', options), { state: fields({}) }),
  door(nodeOptions, (options) => loose.node?.(...(['idle', nothing, options] as never[]))),
  door(subgraphOptions, (options) => loose.subgraph?.(...(['inner', plain, inputOutput, options] as never[]))),
  door(subgraphMapping, (mapping) => loose.subgraph?.(...(['inner', plain, mapping] as never[])), inputOutput),
  door(edgeOptions, (options) => loose.edge?.(...(['from', 'to', options] as never[]))),
  door(lastOptions, (options) => last(0, options)),
  door(mergeOptions, (options) => merge({}, options)),
  door(reduceOptions, (options) => reduce(() => 0, 0, options)),
];

async function refusalOf({ call }: Door, options: unknown): Promise<RepriseError> {
  try {
    await call(options as never);
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

/** Options that may be anything at all. */
const unbounded = ['engine.fork patch', 'engine.resume answer', 'task input'];
const values: readonly unknown[] = [-1.5, 'no such name', null, {}, [null]];
const wrongValueOf = (kind: OptionKind): unknown =>
  values.find((value) => !kind.fits(value) || kind.faultIn?.(value) !== undefined);

describe.each(doors.map((one) => [one.shape.door, one] as const))('%s', (_name, one) => {
  const { shape, needed = {} } = one;
  const kinds = Object.entries(shape.kinds);

  it('takes options as an object alone', async () => {
    for (const given of [5, 'options', null, [], () => undefined]) {
      const { code, message, fields: facts } = await refusalOf(one, given);
      expect([code, facts.option]).toEqual(['option-invalid', 'options']);
      expect(message).toMatch(/: the options are /);
    }
  });

  it('refuses a misspelt option, and names the right one', async () => {
    for (const [name] of kinds) {
      const misspelt = `${name}x`;
      const { code, message, nextStep, fields: facts } = await refusalOf(one, { ...needed, [misspelt]: undefined });
      expect([code, facts.option, nextStep]).toEqual(['option-invalid', misspelt, `Did you mean "${name}"?`]);
      expect(message).toMatch(/: unknown option "/);
    }
  });

  it.each(kinds.filter(([name]) => !unbounded.includes(`${shape.door} ${name}`)))(
    'refuses a wrong value of %s',
    async (name, kind) => {
      const value = wrongValueOf(kind);
      expect(value).not.toBe(undefined);
      const { code, message, nextStep, fields: facts } = await refusalOf(one, { ...needed, [name]: value });
      expect(code).toBe('option-invalid');
      expect(String(facts.option).split('.')[0]).toBe(name);
      expect(message).toMatch(new RegExp(`: (?:unknown )?option "${name}`));
      expect(nextStep).toMatch(/^(?:Give|Known options:) /);
    },
  );

  it.each(kinds.filter(([, kind]) => kind.isRequired === true))('needs %s', async (name) => {
    const { message } = await refusalOf(one, { ...needed, [name]: undefined });
    expect(message).toContain(`option "${name}" is missing`);
  });
});

it('has every door', () => {
  const declared = textFiles()
    .filter(isProduct)
    .flatMap((path) => [...textOf(path).matchAll(/optionShape<.*>\(\s*'([^']+)'/g)].map(([, name]) => name));
  expect(declared.length).toBeGreaterThan(35);
  // The config has a code of its own.
  expect([...new Set(doors.map(({ shape }) => shape.door)), 'config'].sort()).toEqual(declared.sort());
});

it.each<[string, () => unknown, string, string]>([
  [
    'a pause for canonical readers',
    () => engine.stream({}, { onSlow: 'wait', order: 'canonical' }),
    'onSlow',
    '"wait"',
  ],
  ['one answer and all of them', () => engine.resume('run', { answer: 1, answers: {} }), 'answer', '1'],
  [
    'chunks that a store cannot drop',
    () =>
      createEngine(plain, {
        keepChunks: 'step',
        store: { ...memory, append: nothing, dropChunks: undefined } as never,
      }),
    'keepChunks',
    '"step"',
  ],
  [
    'a tracer and a provider of tracers',
    () => openTelemetry({ tracer: trace.getTracer('a'), tracerProvider: trace.getTracerProvider() }),
    'tracer',
    'an object',
  ],
])('options that exclude each other are refused: %s', async (_what, call, option, shown) => {
  const error = await refusalOf({ call } as unknown as Door, undefined);
  expect(error).toMatchObject({ code: 'option-invalid', fields: { option } });
  expect(error.message).toContain(`: option "${option}" is ${shown}`);
});

it.each<[string, unknown, string, string]>([
  ['a label', () => engine.label('run', 0, ''), 'label', '""'],
  ['a label with a line break', () => engine.label('run', 0, 'a\nb'), 'label', '"a\\nb"'],
  ['a step by name', () => engine.label('run', 'first' as never, 'a'), 'step', '"first"'],
  ['a label in a node', () => inNode(({ label }) => label?.()), 'label', 'missing'],
  ['a negative delay', () => inNode(({ sleep }) => sleep?.(...([-1] as never[]))), 'delayMs', '-1'],
  ['a delay that is not a number', () => inNode(({ sleep }) => sleep?.(...(['1'] as never[]))), 'delayMs', '"1"'],
  ['a path', () => sqliteStore(' '), 'path', '" "'],
  ['a writer', () => jsonLog(undefined as never), 'write', 'missing'],
])('an argument is refused: %s', async (_what, call, argument, shown) => {
  const error = await refusalOf({ call } as unknown as Door, undefined);
  expect(error).toMatchObject({ code: 'option-invalid', fields: { option: argument } });
  expect(error.message).toContain(`: argument "${argument}" is ${shown}`);
});

it.each<[unknown, string]>([
  [{ grahps: [] }, 'unknown key "grahps"'],
  [{ graphs: 'a.ts' }, 'key "graphs" is "a.ts"'],
  [{ fixtures: ['a', ''] }, 'key "fixtures[1]" is ""'],
  [{ env: { KEY: 1 } }, 'key "env.KEY" is 1'],
])('the config refuses %j', (config, message) => {
  expect(() => checkConfig(config, 'reprise.config.ts')).toThrow(
    expect.objectContaining({ code: 'config-invalid', message: `reprise.config.ts: ${message}` }),
  );
});
