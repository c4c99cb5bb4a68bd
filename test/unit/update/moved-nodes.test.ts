// Nodes that are added, removed or moved shift everything after them. What is recorded and still asked for is found wherever in
// the run it stands: nothing is performed again, and nothing is lost.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, createEngine, fields, graph, input, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import type { ExportToOptions } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bodyOf, LoopbackServer } from '../../support/loopback-server.ts';

let provider: LoopbackServer;
let asked: string[] = [];
beforeAll(async () => {
  provider = await LoopbackServer.start(async (request, response) => {
    const body = (await bodyOf(request)).toString();
    asked.push(`${request.url} ${body}`);
    response.statusCode = body.includes('flaky') && asked.length % 2 === 1 ? 503 : 200;
    response.end(`answer ${asked.length} to ${request.url} ${body}`);
  });
});
afterAll(() => provider[Symbol.asyncDispose]());

async function ask(path: string, body: unknown): Promise<string> {
  const answer = await fetch(provider.url + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.text();
}

type Context = {
  readonly effect: <Value>(name: string, input: unknown, perform: () => Value) => Promise<Value>;
  readonly ask: (question: string) => Promise<unknown>;
  readonly now: () => Promise<number>;
};
type Does = (context: Context, state: { readonly log: readonly string[] }) => unknown;

let performed = 0;
const count = (): number => {
  performed += 1;
  return performed;
};
const calls =
  (name: string): Does =>
  ({ effect }) =>
    effect(name, { of: name }, () => `${name} ${count()}`);

/** What nodes do, by name. Each gives its result to the log. */
const does: { readonly [node: string]: Does } = {
  check: () => 'checked',
  audit: () => 'audited',
  charge: calls('charge'),
  mail: calls('mail'),
  order: () => ask('/order', { id: 'A-1' }),
  policy: () => ask('/model', { prompt: 'Which policy?' }),
  flaky: () => ask('/model', { prompt: 'flaky' }),
  dated: () => ask('/model', { prompt: `Today is ${new Date().toISOString()}` }),
  drawn: () => ask('/model', { id: crypto.randomUUID() }),
  timed: async ({ now, effect }) => effect('stamp', { at: await now() }, () => `stamp ${count()}`),
  approve: async ({ ask: person }) => JSON.stringify(await person('Pay?')),
  both: async ({ effect }) =>
    (await Promise.all(['b', 'a'].map((of) => effect('look', { of }, () => `look ${of} ${count()}`)))).join(),
  answer: (_context, { log }) => `${log.length} lines`,
};

type Names = readonly string[];

/** A line of nodes. `as`: names of nodes that do what others of the list do. */
function line(names: Names, as: { readonly [node: string]: string } = {}): AnyGraph {
  const empty = graph('line', { state: fields({ log: append<string>() }) }) as unknown as Builder;
  const built = names.reduce((builder, name) => {
    const run = does[as[name] ?? name] as Does;
    const node = async (state: never, context: never): Promise<object> => {
      return { delta: { log: [String(await run(context, state))] } };
    };
    return builder.node(name, node, { retry: { attempts: 2, delayMs: 1 } });
  }, empty);
  return names
    .slice(1)
    .reduce((builder, name, place) => builder.edge(names[place] as string, name), built)
    .start(names[0] as string)
    .build();
}

interface Builder {
  node: (name: string, run: (state: never, context: never) => unknown, policy: object) => Builder;
  edge: (from: string, to: string) => Builder;
  start: (name: string) => Builder;
  build: () => AnyGraph;
}

async function recorded(built: AnyGraph, options: ExportToOptions = {}): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store, effects: [httpEffects()] });
  let run = await engine.run({}, { runId: 'one', seed: 'seed' });
  if (run.status === 'paused') {
    await engine.answer('one', undefined, { approved: true });
    run = await engine.resume('one');
  }
  expect(run.status).toBe('done');
  asked = [];
  performed = 0;
  return exportRunTo(store, run.id, join(temporaryFolder(), 'one.run.jsonl'), options);
}

/** Effects and outside reads as the file has them, without their places. */
function effectLines(path: string): readonly string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => /"kind":"effect"/.test(text) && /"outcome"|"request"/.test(text))
    .map((text) => text.replace(/"at":"[^"]*",?/, '').replace(/"order":\{[^}]*\},?/, ''))
    .sort();
}

async function expectTaken(today: AnyGraph, path: string): Promise<Awaited<ReturnType<typeof updateFixture>>> {
  const before = effectLines(path);
  const update = await updateFixture(today, path);
  expect({ verdict: update.verdict, why: update.why }).toEqual({ verdict: 'updated', why: undefined });
  expect({ asked, performed }).toEqual({ asked: [], performed: 0 });
  expect(update.changes.filter(({ kind }) => kind === 'performed')).toEqual([]);
  expect((await replay(today, path)).report.divergences).toEqual([]);
  expect(await updateFixture(today, path)).toMatchObject({ verdict: 'unchanged' });
  if (update.changes.every(({ kind }) => kind !== 'unused effect')) expect(effectLines(path)).toEqual(before);
  return update;
}

const all = ['check', 'order', 'both', 'policy', 'flaky', 'charge', 'dated', 'timed', 'mail', 'answer'];
const without = (...names: Names): Names => all.filter((name) => !names.includes(name));

describe('keeps what is recorded where', () => {
  it.each([
    ['a node is added before', ['check', 'charge'], ['check', 'audit', 'charge']],
    ['a node is added first', all, ['audit', ...all]],
    ['nodes are added all over', all, all.flatMap((name) => (name === 'check' ? [name] : [name, `then ${name}`]))],
    ['a node is removed', all, without('check')],
    ['the last node is removed', all, without('answer')],
    ['two nodes change places', all, ['check', 'policy', 'both', 'order', ...all.slice(4)]],
    ['all nodes come the other way round', all, all.toReversed()],
    ['people were asked', ['check', 'approve', 'charge'], ['check', 'audit', 'approve', 'charge']],
  ] as const)('%s', async (_what, before: Names, after: Names) => {
    const path = await recorded(line(before));
    const as = Object.fromEntries(after.filter((name) => name.startsWith('then ')).map((name) => [name, 'check']));
    const { changes } = await expectTaken(line(after, as), path);
    expect(changes.filter(({ kind }) => kind === 'unused effect')).toEqual([]);
  });

  it('two nodes exchange their names', async () => {
    const path = await recorded(line(all));
    const { changes } = await expectTaken(
      line(['check', 'policy', 'both', 'order', ...all.slice(4)], { policy: 'order', order: 'policy' }),
      path,
    );
    expect(changes.filter(({ kind }) => kind === 'unused effect')).toEqual([]);
  });

  it('an effect is made by another node', async () => {
    const path = await recorded(line(all));
    await expectTaken(line(['check', 'order', 'both', 'send', ...all.slice(3, 8), 'answer'], { send: 'mail' }), path);
  });

  it('a node with an effect is removed, which is dropped', async () => {
    const path = await recorded(line(all));
    const { changes } = await expectTaken(line(without('check', 'charge')), path);
    expect(changes.filter(({ kind }) => kind === 'unused effect')).toMatchObject([{ about: 'effect "charge"' }]);
  });
});

it('knows a request by what is drawn for it', async () => {
  const path = await recorded(line(['check', 'drawn', 'charge']));
  const today = line(['check', 'audit', 'drawn', 'charge']);
  const update = await updateFixture(today, path);
  expect(update).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
  expect(update.changes.filter(({ kind }) => kind === 'performed' || kind === 'unused effect')).toEqual([]);
  expect((await replay(today, path)).report.verdict).toBe('same');
});

it('keeps what is redacted', async () => {
  const letter = (names: Names): AnyGraph => line(names, { letter: 'policy' });
  const options = { redact: { values: [{ name: 'policy', texts: ['Which policy'] }] } } as const;
  const path = await recorded(letter(['check', 'letter', 'charge']), options);
  const today = letter(['check', 'audit', 'letter', 'charge']);
  const update = await updateFixture(today, path, options);
  expect(update.verdict).toBe('updated');
  expect(readFileSync(path, 'utf8')).not.toContain('Which policy');
  expect((await replay(today, path, options)).report.verdict).toBe('same');
  expect(asked).toEqual([]);
});

it('performs only what is missing, and names it where nothing may be performed', async () => {
  const path = await recorded(line(['check', 'order', 'charge', 'answer']));
  const before = readFileSync(path);
  const today = line(['check', 'audit', 'mail', 'order', 'charge', 'answer']);
  const refused = await updateFixture(today, path);
  expect(refused).toMatchObject({
    verdict: 'refused',
    why: 'not recorded',
    missing: [{ about: 'effect "mail"', request: { of: 'mail' } }],
  });
  expect(readFileSync(path)).toEqual(before);
  const update = await updateFixture(today, path, { live: true });
  expect(update.verdict).toBe('updated');
  expect({ asked, performed }).toEqual({ asked: [], performed: 1 });
  expect(update.changes.filter(({ kind }) => kind === 'performed' || kind === 'unused effect')).toMatchObject([
    { kind: 'performed', about: 'effect "mail"' },
  ]);
  expect((await replay(today, path)).report.verdict).toBe('same');
});

it('gives each recorded answer once', async () => {
  const path = await recorded(line(['check', 'charge']));
  const twice = line(['charge', 'again', 'check'], { again: 'charge' });
  expect(await updateFixture(twice, path)).toMatchObject({
    verdict: 'refused',
    missing: [{ about: 'effect "charge"' }],
  });
  await updateFixture(twice, path, { live: true });
  expect(performed).toBe(1);
});

/** Asks again until it is ready: all requests are alike, and each has its own answer. */
const polls = (isDelayed: boolean): AnyGraph => {
  const begun = graph('polls', { state: fields({ log: append<string>(), count: last(0) }) })
    .node('begin', () => ({}))
    .node('warm', () => ({ delta: { log: ['warm'] } }))
    .node('poll', async ({ count: done }, { effect, goto }) => {
      const status = await effect('status', {}, () => `status ${count()}`);
      const delta = { log: [status], count: done + 1 };
      return status === 'status 3' ? { delta } : { delta, route: goto('poll') };
    });
  const built = isDelayed
    ? begun.edge('begin', 'warm').edge('warm', 'poll').start('begin').build()
    : begun.edge('begin', 'poll').start('begin').build();
  return built as unknown as AnyGraph;
};

it('gives equal requests of a loop their answers in the recorded order', async () => {
  performed = 0;
  const path = await recorded(polls(false));
  const { run } = await expectTaken(polls(true), path);
  expect(run.state).toMatchObject({ log: ['warm', 'status 1', 'status 2', 'status 3'] });
});

/** A task for each page, in a subgraph of its own. */
const pages = (isChecked: boolean): AnyGraph => {
  const inner = graph('page', { state: fields({ text: last(''), short: last('') }) })
    .node('read', async ({ text }, { effect }) => ({
      delta: { short: await effect('model', { text }, () => `short ${text} ${count()}`) },
    }))
    .node('send', async ({ short }) => ({ delta: { short: await ask('/send', { short }) } }))
    .edge('read', 'send')
    .start('read')
    .build();
  const begun = graph('pages', {
    state: fields({ lines: append<string>() }),
    inputs: { summarize: input<string>() },
  })
    .node('begin', () => ({ delta: { lines: ['begun'] } }))
    .node('check', () => ({ delta: { lines: ['checked'] } }))
    .node('split', (_state, { send }) => ({ route: ['one', 'two', 'three'].map((text) => send('summarize', text)) }))
    .subgraph('summarize', inner, {
      input: (_state, { input: text }) => ({ text }),
      output: ({ short }) => ({ lines: [short] }),
    });
  const built = isChecked
    ? begun.edge('begin', 'check').edge('check', 'split').start('begin').build()
    : begun.edge('begin', 'split').start('begin').build();
  return built as unknown as AnyGraph;
};

it('keeps what tasks side by side and their subgraphs did, in its order', async () => {
  const path = await recorded(pages(false));
  await expectTaken(pages(true), path);
  await expectTaken(pages(false), path);
});

it.each([
  ['', false],
  [', with a node added before the last of its steps', true],
])('a run that was not over ends where it was recorded to end%s', async (_what, isAdded) => {
  const store = memoryStore();
  const names = ['check', 'order', 'charge', 'approve', 'mail'];
  await using engine = createEngine(line(names), { store, effects: [httpEffects()] });
  const run = await engine.run({}, { runId: 'one', seed: 'seed' });
  expect(run.status).toBe('paused');
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
  asked = [];
  performed = 0;
  const before = effectLines(path);
  const today = line(isAdded ? ['check', 'order', 'audit', 'more', 'charge', 'approve', 'mail'] : names.slice(1), {
    more: 'audit',
  });
  expect(await updateFixture(today, path)).toMatchObject({ verdict: 'updated' });
  expect(effectLines(path)).toEqual(before);
  expect((await replay(today, path)).report.verdict).toBe('same');
});
