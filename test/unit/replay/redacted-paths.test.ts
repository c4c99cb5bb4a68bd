// What a path of `redact` names stands elsewhere in the run too, where no rule finds it in what today's code does.
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { compareRuns } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import type { RedactOptions } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import type { ReplayReport } from 'reprise/replay';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

interface Code {
  /** Who nobody is known as, which the code has of itself. */
  readonly nobody?: unknown;
  readonly prompt?: (name: string) => unknown;
  readonly category?: string;
  readonly known?: string | null;
}

const unknown = 'Nobody Known';

function greeting({ nobody = unknown, prompt = (name) => `Hello ${name}!`, category = '', known = null }: Code) {
  return graph('greeting', {
    state: fields({
      customer: last<{ name: unknown }>({ name: '' }),
      category: last(category),
      said: last<unknown>(''),
    }),
  })
    .node('load', async (_state, { effect }) => {
      const name = await effect('crm', {}, () => known);
      return { delta: { customer: { name: name ?? nobody } } };
    })
    .node('ask', async ({ customer }, { effect }) => {
      const said = await effect('model', { prompt: prompt(String(customer.name)) }, ({ prompt }) => prompt);
      return { delta: { said } };
    })
    .edge('load', 'ask')
    .start('load')
    .build() as unknown as AnyGraph;
}

const redact = { paths: ['state.customer.name'] };

async function replayed(
  was: Code,
  is: Code,
  strictness: 'strict' | 'lenient',
  rules: RedactOptions = redact,
): Promise<ReplayReport> {
  const store = memoryStore();
  await createEngine(greeting(was), { store }).run({}, { runId: 'run' });
  const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`, { redact: rules });
  return (await replay(greeting(is), path, { strictness, redact: rules })).report;
}

describe.each(['strict', 'lenient'] as const)('a %s replay of a run that is redacted by a path', (strictness) => {
  it.each<[string, Code]>([
    ['a name that the code has of itself', {}],
    ['an address', { nobody: 'nobody@example.test' }],
    ['an id', { nobody: 'customer-000-0000' }],
    ['a short name', { nobody: 'Jo' }],
    ['a name at both ends of a text', { prompt: (name) => `${name}, ${name}` }],
    ['a name that is the whole text', { prompt: (name) => name }],
    ['a name in an address', { prompt: (name) => `https://example.test/?name=${encodeURIComponent(name)}&n=1` }],
    ['a name in JSON in a text', { prompt: (name) => JSON.stringify({ name, tier: 1 }) }],
    ['a name that was given', { known: 'Ada Lovelace' }],
    ['a name that is an initial value too', { known: 'unknown', category: 'unknown' }],
  ])('is the same for unchanged code: %s', async (_name, code) => {
    const report = await replayed(code, code, strictness);
    expect(report.divergences).toEqual([]);
    expect(report.verdict).toBe('same');
  });

  it.each<[string, Code, RedactOptions]>([
    [
      'another rule finds',
      { prompt: (name) => `${name} of Rome` },
      { ...redact, values: [{ name: 'city', texts: ['Rome'] }] },
    ],
    ['a detector finds', { prompt: (name) => `mail ada@example.test, or ${name}` }, { ...redact, values: ['email'] }],
    ['it was given', { known: 'Ada', category: 'nobody', prompt: (name) => `${name}; was nobody` }, redact],
    ['it made of what it was given', { known: 'Ada', prompt: (name) => `${name}; at ${name} & Co` }, redact],
  ])('is the same where a text holds a value of its own and one that %s', async (_name, code, rules) => {
    const report = await replayed(code, code, strictness, rules);
    expect(report.divergences).toEqual([]);
  });

  it('takes another name of its own for the same, wherever it stands', async () => {
    const report = await replayed({}, { nobody: 'Somebody Else' }, strictness);
    expect(report.verdict).toBe('same');
    expect(report.redacted).toBeGreaterThan(0);
  });

  it.each<[string, Code, Code]>([
    ['the text beside a name', {}, { prompt: (name) => `Dear ${name}!` }],
    [
      'another name in one of two places',
      { prompt: (name) => `${name}, ${name}` },
      { prompt: (name) => `${name}, Bob` },
    ],
    [
      'text beside a name in an address',
      { prompt: (name) => `https://example.test/?name=${encodeURIComponent(name)}&n=1` },
      { prompt: (name) => `https://example.test/?name=${encodeURIComponent(name)}&n=2` },
    ],
    ['nothing in the place of a name', {}, { prompt: () => 'Hello !' }],
    [
      'a name of its own for one that was given',
      { known: 'Ada Lovelace' },
      { known: 'Ada Lovelace', prompt: () => 'Hello Bob!' },
    ],
  ])('finds %s', async (_name, was, is) => {
    const report = await replayed(was, is, strictness);
    expect(report.verdict).toBe('diverged');
    expect(report.divergences[0]).toMatchObject({ kind: 'request', at: '2.0#1' });
  });
});

describe('what stands at a path', () => {
  const about = (log: string): AnyGraph =>
    graph('about', { state: fields({ customer: last({ name: '', email: '' }), log: last('') }) })
      .node('load', async (_state, { effect }) => {
        const customer = await effect('crm', {}, () => ({ name: 'Ada Lovelace', email: 'ada@example.test' }));
        return { delta: { customer, log } };
      })
      .start('load')
      .build() as unknown as AnyGraph;
  const rules: RedactOptions = { paths: ['state.customer.name', 'state.customer.email'], values: ['email'] };

  it.each(['strict', 'lenient'] as const)('is no difference beside one (%s)', async (strictness) => {
    const store = memoryStore();
    await createEngine(about('loaded'), { store }).run({}, { runId: 'run' });
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`, { redact: rules });
    const { report } = await replay(about('load'), path, { strictness, redact: rules });
    expect(report.divergences.filter(({ kind }) => kind === 'output')).toEqual([
      expect.objectContaining({ path: 'delta.log', recorded: 'loaded', replayed: 'load' }),
    ]);
  });
});

describe('the comparison of two runs', () => {
  it('pairs requests that hold redacted values', async () => {
    const store = memoryStore();
    const engine = createEngine(greeting({ known: 'ada@example.test' }), { store });
    for (const runId of ['one', 'other']) await engine.run({}, { runId });
    const folder = temporaryFolder();
    const [one, other] = await Promise.all(
      ['one', 'other'].map((runId) =>
        exportRunTo(store, runId, `${folder}/${runId}.run.jsonl`, { redact: { values: ['email'] } }),
      ),
    );
    const left = await openRun({ kind: 'fixture', path: one ?? '' });
    const right = await openRun({ kind: 'fixture', path: other ?? '' });
    expect(await compareRuns(left, right)).toMatchObject({ verdict: 'same', divergences: [] });
    left.close();
    right.close();
  });
});
