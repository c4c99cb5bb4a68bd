import { fileURLToPath } from 'node:url';
import typescript from 'typescript-5.9';
import { describe, expect, it } from 'vitest';

// `@` marks the places where an editor is asked for completions, in order.
const text = `
import { graph } from '../../../src/graph/build/builder.ts';
import { last, sum } from '../../../src/graph/field.ts';
import { failure, input } from '../../../src/graph/input.ts';
import { fields } from '../../../src/graph/state.ts';
const state = fields({ question: last<string>(), status: last<'open' | 'closed'>('open'), tokens: sum() });
const desk = graph('desk', { state, inputs: { dig: input<{ topic: string }>(), rescue: failure() } })
  .node('plan', (state, { send }) => ({ route: send('@', { topic: 'x' }) }), { onError: '@' })
  .node('write', (_state, { send }) => ({ route: send('dig', { @ }) }))
  .node('check', async () => ({ delta: { @ } }))
  .node('close', () => ({ delta: { status: '@' } }))
  .node('end', async () => { return { @ }; });
desk.edge('@', '@').join(['@'], '@').start('@');
`;
const parts = text.split('@');
const source = parts.join('');
const places = parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join('').length);
const file = fileURLToPath(new URL('./completed.ts', import.meta.url));

const service = typescript.createLanguageService({
  getScriptFileNames: () => [file],
  getScriptVersion: () => '1',
  getScriptSnapshot: (name) => {
    const read = name === file ? source : typescript.sys.readFile(name);
    return read === undefined ? undefined : typescript.ScriptSnapshot.fromString(read);
  },
  getCurrentDirectory: () => fileURLToPath(new URL('../../../', import.meta.url)),
  getCompilationSettings: () => ({
    strict: true,
    exactOptionalPropertyTypes: true,
    module: typescript.ModuleKind.NodeNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeNext,
    target: typescript.ScriptTarget.ES2024,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ['node'],
  }),
  getDefaultLibFileName: (options) => typescript.getDefaultLibFilePath(options),
  fileExists: (name) => name === file || typescript.sys.fileExists(name),
  readFile: (name) => (name === file ? source : typescript.sys.readFile(name)),
});

describe('an editor completes', () => {
  const nodes = ['check', 'close', 'end', 'plan', 'write'];
  it.each(
    [
      { what: 'the nodes that send may name', names: ['dig', 'rescue'] },
      { what: 'the nodes that take failures', names: ['rescue'] },
      { what: 'the payload', names: ['topic'] },
      { what: 'the fields of a delta', names: ['question', 'status', 'tokens'] },
      { what: 'the values of a literal union', names: ['closed', 'open'] },
      { what: 'the parts of a result', names: ['delta', 'route', 'then'] },
      { what: 'the source of an edge', names: nodes },
      { what: 'the target of an edge', names: nodes },
      { what: 'the sources of a join', names: nodes },
      { what: 'the target of a join', names: nodes },
      { what: 'the start', names: nodes },
    ].map((row, index) => ({ ...row, index })),
  )('$what', ({ names, index }) => {
    const found = service.getCompletionsAtPosition(file, places[index] as number, {});
    expect(found?.entries.map((entry) => entry.name).sort()).toEqual(names);
  });
});
