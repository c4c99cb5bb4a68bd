import { append, createEngine, failure, fields, graph, last, memoryStore, min, reduce, reducer, sum } from 'reprise';
import { recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entriesOf } from '../../support/fixture-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

const nothing = () => {};
const noCheck = { version: 1, vendor: 'test' } as const;

/** A graph of one node with the given schemas. */
const deskWith = (schema: object, run: () => unknown = nothing, options: object = {}) =>
  graph('desk', {
    state: fields({
      question: last<string>(),
      words: append<string>(),
      tokens: sum(),
      least: min(),
      draft: last<string | null>(null),
    }),
    schema,
  })
    .node('plan', run as () => void, options)
    .start('plan')
    .build();

describe('the schema of the input', () => {
  const input = z.object({ question: z.string().trim().min(3), tokens: z.coerce.number().default(2) });

  it('refuses what does not fit before the run starts, with the path', async () => {
    let calls = 0;
    await using engine = createEngine(
      deskWith({ input }, () => {
        calls += 1;
      }),
    );
    await expect(engine.run({ question: 'no' })).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('the input of graph "desk" does not fit its schema: question: '),
      fields: { graph: 'desk', path: 'question', issues: [{ path: 'question' }] },
    });
    await expect(engine.history('x')).rejects.toMatchObject({ code: 'run-unknown' });
    expect(calls).toBe(0);
  });

  it('completes the input, and that is what the run begins with, what is journaled, and what a replay gets', async () => {
    const desk = deskWith({ input });
    const { path, run } = await recordRun(desk, { question: '  why ', tokens: '7' } as never, {
      out: `${temporaryFolder()}/`,
    });
    expect(run).toMatchObject({ status: 'done', state: { question: 'why', tokens: 7 } });
    expect((await entriesOf(path))[1]).toMatchObject({ kind: 'commit', input: { question: 'why', tokens: 7 } });
    expect((await replay(desk, path)).report.verdict).toBe('same');
  });

  it('is asked again in a replay', async () => {
    const { path } = await recordRun(deskWith({ input }), { question: 'why' }, { out: `${temporaryFolder()}/` });
    const stricter = deskWith({ input: z.object({ question: z.string().min(10) }) });
    await expect(replay(stricter, path)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('has to take what it gave itself as it is', async () => {
    const split = z.object({ question: z.string(), words: z.string().transform((text) => text.split(' ')) });
    await using engine = createEngine(deskWith({ input: split }));
    await expect(engine.run({ question: 'why', words: 'a b' } as never)).rejects.toMatchObject({
      code: 'schema-failed',
      fields: { graph: 'desk' },
      cause: { code: 'input-invalid' },
    });
    const growing = z.object({ question: z.string().transform((text) => `${text}?`) });
    await using other = createEngine(deskWith({ input: growing }));
    await expect(other.run({ question: 'why' })).rejects.toMatchObject({ code: 'schema-failed' });
  });

  it('does not replace the checks of the fields', async () => {
    await using engine = createEngine(deskWith({ input: z.looseObject({}) }));
    await expect(engine.run({ question: 'why', tokens: 'many' } as never)).rejects.toMatchObject({
      code: 'input-invalid',
    });
    await expect(engine.run({ question: 'why', nope: 1 } as never)).rejects.toMatchObject({
      code: 'input-invalid',
      fields: { field: 'nope' },
    });
  });

  it('refuses the input of a subgraph as the failure of its node', async () => {
    const outer = graph('outer', { state: fields({ done: last(false) }) })
      .subgraph('inner', deskWith({ input }), { input: () => ({ question: 'no' }), output: () => ({ done: true }) })
      .start('inner')
      .build();
    await using engine = createEngine(outer);
    const run = await engine.run({});
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'input-invalid', fields: { path: 'question', node: 'inner' } },
    });
  });
});

describe('the schema of the state', () => {
  const state = z.object({
    question: z.string().min(3),
    words: z.array(z.string().max(5)),
    tokens: z.number().max(10),
    least: z.number(),
    draft: z.string(),
  });

  it('fails the task whose delta breaks it, with the path, and tries it no second time', async () => {
    let calls = 0;
    const bad = () => {
      calls += 1;
      return { delta: { words: ['short', 'much too long'] } };
    };
    await using engine = createEngine(deskWith({ state }, bad, { retry: { attempts: 3 } }));
    const run = await engine.run({ question: 'why' });
    expect(run).toMatchObject({
      status: 'failed',
      state: { words: [] },
      error: {
        code: 'node-output-invalid',
        message: expect.stringContaining('the state that node "plan" leaves does not fit its schema: words.1: '),
        fields: { node: 'plan', path: 'words.1', task: '1.0', issues: [{ path: 'words.1' }] },
      },
    });
    expect(calls).toBe(1);
  });

  it('sees the merged value, not the delta', async () => {
    await using engine = createEngine(deskWith({ state }, () => ({ delta: { tokens: 6 } })));
    expect(await engine.run({ question: 'why', tokens: 4 })).toMatchObject({ status: 'done', state: { tokens: 10 } });
    expect(await engine.run({ question: 'why', tokens: 5 })).toMatchObject({
      status: 'failed',
      error: { code: 'node-output-invalid', fields: { path: 'tokens' } },
    });
  });

  it('is in the description of the graph by its presence alone', () => {
    const fingerprintOf = (schema: object) => deskWith(schema).spec.fingerprint;
    const [none, one, other] = [{}, { state }, { state: z.object({ tokens: z.number() }) }].map(fingerprintOf);
    expect(deskWith({ state, input: state }).spec.description.schemas).toEqual(['input', 'state']);
    expect('schemas' in deskWith({}).spec.description).toBe(false);
    expect(one).toBe(other);
    expect(one).not.toBe(none);
    expect(fingerprintOf({ input: state })).not.toBe(one);
  });

  it('changes nothing of the state', async () => {
    const changing = z.object({ question: z.string().trim(), draft: z.string().default('x').nullable() });
    await using engine = createEngine(deskWith({ state: changing }, () => ({ delta: { draft: ' y ' } })));
    const { state: last } = await engine.run({ question: ' why ' });
    expect(last).toMatchObject({ question: ' why ', draft: ' y ', tokens: 0 });
  });

  it('is checked of the input too, before the run starts', async () => {
    await using engine = createEngine(deskWith({ state }));
    await expect(engine.run({ question: 'why', tokens: 11 })).rejects.toMatchObject({
      code: 'input-invalid',
      fields: { path: 'tokens' },
    });
  });

  it('blames nobody for initial values, which nobody wrote', async () => {
    // `least` is Infinity and `draft` null, and the schema takes neither.
    await using engine = createEngine(deskWith({ state }, () => ({ delta: { tokens: 1 } })));
    expect(await engine.run({ question: 'why' })).toMatchObject({ status: 'done', state: { draft: null } });
    await using writing = createEngine(deskWith({ state }, () => ({ delta: { draft: null } })));
    expect(await writing.run({ question: 'why' })).toMatchObject({ error: { fields: { path: 'draft' } } });
  });

  it('blames a task for what it breaks in a field that it did not write', async () => {
    const budget = z
      .object({ words: z.array(z.string()), tokens: z.number() })
      .refine(({ words, tokens }) => words.length <= tokens, { path: ['tokens'], message: 'not enough tokens' });
    await using engine = createEngine(deskWith({ state: budget }, () => ({ delta: { words: ['a', 'b'] } })));
    expect(await engine.run({ question: 'why', tokens: 2 })).toMatchObject({ status: 'done' });
    expect(await engine.run({ question: 'why', tokens: 1 })).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('tokens: not enough tokens') },
    });
    // It was so before: the input gave no words and less than no tokens is what nobody wrote since.
    const always = budget.refine(() => false, { message: 'never' });
    await using other = createEngine(deskWith({ state: always }, () => ({ delta: { draft: 'x' } })));
    expect(await other.run({ question: 'why' })).toMatchObject({ status: 'done' });
  });

  it('blames nobody for what a fork changed', async () => {
    const two = graph('two', {
      state: fields({ tokens: sum(), told: last('') }),
      schema: { state: z.object({ tokens: z.number().max(10), told: z.string() }) },
    })
      .node('spend', () => ({ delta: { tokens: 1 } }))
      .node('tell', (state) => ({ delta: { told: `${state.tokens}` } }))
      .edge('spend', 'tell')
      .start('spend')
      .build();
    await using engine = createEngine(two);
    await engine.run({}, { runId: 'parent' });
    expect(await engine.fork('parent', { step: 1, patch: { tokens: 20 } })).toMatchObject({
      status: 'done',
      state: { tokens: 20, told: '20' },
    });
    expect(await engine.fork('parent', { step: 0, patch: { tokens: 20 } })).toMatchObject({
      status: 'failed',
      error: { code: 'node-output-invalid', fields: { node: 'spend', path: 'tokens' } },
    });
  });

  it('fails the step where only all deltas together break it', async () => {
    const both = graph('both', {
      state: fields({ tokens: sum() }),
      schema: { state: z.object({ tokens: z.number().max(10) }) },
    })
      .node('begin', nothing)
      .node('left', () => ({ delta: { tokens: 6 } }))
      .node('right', () => ({ delta: { tokens: 6 } }))
      .edge('begin', 'left')
      .edge('begin', 'right')
      .start('begin')
      .build();
    const { run, path } = await recordRun(both, {}, { out: `${temporaryFolder()}/` });
    expect(run).toMatchObject({
      status: 'failed',
      state: { tokens: 0 },
      error: {
        code: 'state-invalid',
        message: expect.stringContaining('the state that tasks 2.0 ("left"), 2.1 ("right") leave together'),
        fields: { path: 'tokens', tasks: ['2.0', '2.1'], nodes: ['left', 'right'] },
      },
    });
    expect((await replay(both, path)).report.verdict).toBe('same');
  });

  it('goes to the handler of the node like any failure', async () => {
    const handled = graph('handled', {
      state: fields({ tokens: sum(), told: last('') }),
      inputs: { rescue: failure() },
      schema: { state: z.object({ tokens: z.number().max(3) }) },
    })
      .node('spend', () => ({ delta: { tokens: 4 } }), { onError: 'rescue' })
      .node('rescue', (_state, { input }) => ({ delta: { told: `${input.node} ${input.code} ${input.attempts}` } }))
      .start('spend')
      .build();
    await using engine = createEngine(handled);
    expect(await engine.run({})).toMatchObject({
      status: 'done',
      state: { tokens: 0, told: 'spend node-output-invalid 1' },
    });
  });

  it('checks what the chunks of a streaming node come to', async () => {
    const streaming = graph('streaming', {
      state: fields({ words: append<string>() }),
      schema: { state: z.object({ words: z.array(z.string()).max(2) }) },
    })
      .node('write', async function* () {
        for (const word of ['a', 'b', 'c']) yield { words: [word] };
      })
      .start('write')
      .build();
    await using engine = createEngine(streaming);
    expect(await engine.run({})).toMatchObject({ error: { code: 'node-output-invalid', fields: { path: 'words' } } });
  });

  it('checks a state that one function merges', async () => {
    const counting = graph('counting', {
      state: reducer((state: { n: number }, by: number) => ({ n: state.n + by }), { n: 0 }),
      schema: { state: z.object({ n: z.number().max(3) }), input: z.number().int() },
    })
      .node('a', () => ({ delta: 2 }))
      .start('a')
      .build();
    await using engine = createEngine(counting);
    expect(await engine.run(1)).toMatchObject({ status: 'done', state: { n: 3 } });
    expect(await engine.run(2)).toMatchObject({ status: 'failed', error: { fields: { path: 'n', node: 'a' } } });
    await expect(engine.run(4)).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(engine.run(0.5)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('leaves a reducer that throws to the step', async () => {
    const throwing = graph('throwing', {
      state: fields({
        n: reduce((_value: number, by: number) => {
          if (by > 1) throw new Error('too much');
          return by;
        }, 0),
      }),
      schema: { state: z.object({ n: z.number() }) },
    })
      .node('a', () => ({ delta: { n: 2 } }))
      .start('a')
      .build();
    await using engine = createEngine(throwing);
    expect(await engine.run({})).toMatchObject({ status: 'failed', error: { code: 'reducer-failed' } });
  });

  it('runs in replays alike, and finds what a new schema refuses', async () => {
    const words = () => ({ delta: { words: ['much too long'] } });
    const { path } = await recordRun(deskWith({}, words), { question: 'why' }, { out: `${temporaryFolder()}/` });
    expect((await replay(deskWith({ state: z.object({ tokens: z.number() }) }, words), path)).report.verdict).toBe(
      'same',
    );
    const { report, run } = await replay(deskWith({ state }, words), path);
    expect(report.verdict).toBe('diverged');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'node-output-invalid' } });
  });
});

describe('a graph that got a schema', () => {
  const waiting = (schema: object) =>
    graph('waiting', { state: fields({ answer: last('') }), schema })
      .node('ask', async (_state, { ask }) => ({ delta: { answer: await ask<string>('ready?') } }))
      .start('ask')
      .build();

  it('resumes runs from before it, and checks them from then on', async () => {
    const store = memoryStore();
    await using before = createEngine(waiting({}), { store });
    for (const runId of ['fits', 'does-not']) expect((await before.run({}, { runId })).status).toBe('paused');
    await using after = createEngine(waiting({ state: z.object({ answer: z.string().max(3) }) }), { store });
    expect(await after.resume('fits', { answer: 'yes' })).toMatchObject({ status: 'done', state: { answer: 'yes' } });
    expect(await after.resume('does-not', { answer: 'never' })).toMatchObject({
      status: 'failed',
      error: { code: 'node-output-invalid', fields: { path: 'answer' } },
    });
  });
});

describe('a credential in a fixture', () => {
  it('is a mark in a replay, for schemas too', async () => {
    const key = `Bearer ${'a1b2c3a4'.repeat(5)}`;
    const run = async (question: z.ZodType<string>) => {
      const desk = deskWith({ input: z.object({ question }) });
      const { path } = await recordRun(desk, { question: key }, { out: `${temporaryFolder()}/` });
      expect(JSON.stringify((await entriesOf(path))[1])).toContain('Bearer redacted0');
      return (await replay(desk, path)).report.verdict;
    };
    expect(await run(z.string().min(1))).toBe('same');
    await expect(run(z.string().regex(/[a-c1-9]{40}$/))).rejects.toMatchObject({ code: 'input-invalid' });
  });
});

describe('an invalid schema', () => {
  it('is refused when the graph is built', () => {
    expect(() => deskWith({ input: {} })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    expect(() => deskWith({ state: 5 })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    expect(() => deskWith({ output: z.object({}) })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    expect(() => deskWith(5 as never)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });

  it('has a code of its own where it is asynchronous, and no promise of it is left to fail', async () => {
    const later = z.object({ question: z.string().refine(async () => true) });
    await using zod = createEngine(deskWith({ input: later }));
    await expect(zod.run({ question: 'why' })).rejects.toMatchObject({ code: 'schema-async' });
    const late = { '~standard': { ...noCheck, validate: () => Promise.reject(new Error('late')) } };
    await using engine = createEngine(deskWith({ input: late }));
    await expect(engine.run({ question: 'why' })).rejects.toMatchObject({ code: 'schema-async' });
    await using other = createEngine(deskWith({ state: late }));
    await expect(other.run({ question: 'why' })).rejects.toMatchObject({ code: 'schema-async' });
  });

  it('has a code of its own where it throws, or gives back something else', async () => {
    const validates = (validate: (value: unknown) => unknown) => ({ '~standard': { ...noCheck, validate } });
    let isBroken = false;
    const breaking = validates((value) => {
      if (isBroken) throw new Error('broken');
      return { value };
    });
    const desk = deskWith(
      { state: breaking },
      () => {
        isBroken = true;
        return { delta: { tokens: 1 } };
      },
      { retry: { attempts: 3 } },
    );
    await using engine = createEngine(desk);
    const run = await engine.run({ question: 'why' });
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'schema-failed', message: expect.stringContaining('broken') },
    });
    await using other = createEngine(deskWith({ input: validates(() => 'yes') }));
    await expect(other.run({ question: 'why' })).rejects.toMatchObject({ code: 'schema-failed' });
    await using silent = createEngine(deskWith({ input: validates(() => ({ issues: [] })) }));
    await expect(silent.run({ question: 'why' })).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('cannot give what a journal cannot hold', async () => {
    const calling = z.object({ question: z.string().transform(() => () => 1) });
    await using engine = createEngine(deskWith({ input: calling }));
    await expect(engine.run({ question: 'why' })).rejects.toMatchObject({ code: 'unstorable' });
  });
});

describe('a schema of another library', () => {
  it('may be a function, and give its paths as objects with a key', async () => {
    const validate = (value: unknown) =>
      (value as { readonly tokens: number }).tokens < 2
        ? { value }
        : { issues: [{ message: 'too many', path: [{ key: 'tokens' }] }] };
    const callable = Object.assign(() => undefined, { '~standard': { ...noCheck, validate } });
    await using engine = createEngine(deskWith({ state: callable }, () => ({ delta: { tokens: 1 } })));
    expect(await engine.run({ question: 'why' })).toMatchObject({ status: 'done' });
    expect(await engine.run({ question: 'why', tokens: 1 })).toMatchObject({
      status: 'failed',
      error: { fields: { path: 'tokens', issues: [{ path: 'tokens', message: 'too many' }] } },
    });
  });
});

describe('payloads with a schema', () => {
  const dig = z.object({ topic: z.string(), depth: z.string().regex(/^\d+$/).transform(Number) });
  const fan = (depth: string) =>
    graph('fan', { state: fields({ depths: append<number>() }), inputs: { dig } })
      .node('plan', (_state, { send }) => ({ route: send('dig', { topic: 'x', depth }) }))
      .node('dig', (_state, { input }) => ({ delta: { depths: [input.depth] } }))
      .start('plan')
      .build();

  it('reach the node as the schema gives them, and so they are journaled and replayed', async () => {
    const { run, path } = await recordRun(fan('3'), {}, { out: `${temporaryFolder()}/` });
    expect(run.state).toEqual({ depths: [3] });
    const routed = (await entriesOf(path)).find((entry) => entry.kind === 'outcome');
    expect(routed).toMatchObject({
      result: { routes: [{ kind: 'send', node: 'dig', input: { topic: 'x', depth: 3 } }] },
    });
    expect((await replay(fan('3'), path)).report.verdict).toBe('same');
  });

  it('fail the task that sent them', async () => {
    await using engine = createEngine(fan('three'));
    expect(await engine.run({})).toMatchObject({
      status: 'failed',
      error: { code: 'input-invalid', fields: { node: 'plan', task: '1.0', path: 'depth' } },
    });
  });
});
