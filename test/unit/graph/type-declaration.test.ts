import { expect, it } from 'vitest';
import { compile, compilers } from '../../support/type-check.ts';

const exporting = `
import { graph } from './src/graph/build/builder.ts';
import { append, last } from './src/graph/field.ts';
import { failure, input } from './src/graph/input.ts';
import { fields } from './src/graph/state.ts';
export const builder = graph('desk', {
  state: fields({ question: last<string>(), found: append<Date>() }),
  inputs: { dig: input<{ topic: string }>(), rescue: failure() },
});
export const dig = builder.define('dig', async (_state, { goto }) => ({ delta: { found: [] }, route: goto('plan') }));
export const desk = builder
  .node('plan', (_state, { send }) => ({ route: send('dig', { topic: 'x' }) }), { onError: 'rescue' })
  .node('dig', dig)
  .node('rescue', () => {})
  .start('plan')
  .build();
`;

it.each(compilers)('an exported graph, builder and node function have declarations: $name', (compiler) => {
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: 'out', rootDir: '.' };
  const files = { 'desk.ts': exporting };
  const { output, made } = compile(compiler, { files, options, made: 'out/desk.d.ts' });
  expect(output).toBe('');
  expect(made).toContain('export declare const desk: import("./src/graph/built-graph.ts").Graph<');
  expect(made).toContain('readonly question: string;');
  expect(made).not.toContain('any');
});
