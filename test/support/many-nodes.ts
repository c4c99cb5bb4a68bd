// The source of a graph of many nodes: a chain in which every fifth node routes by `goto`, and every seventh sends.

export function manyNodesSource(nodeCount: number): string {
  const lines = [
    `import { graph } from './src/graph/build/builder.ts';`,
    `import { append, last, sum, text } from './src/graph/field.ts';`,
    `import { input } from './src/graph/input.ts';`,
    `import { fields } from './src/graph/state.ts';`,
    `const state = fields({ question: last<string>(), found: append<string>(), count: sum(), answer: text() });`,
    `export const many = graph('many', { state, inputs: { taker: input<{ topic: string }>() } })`,
    `  .node('taker', (_state, { input }) => ({ delta: { found: [input.topic] } }))`,
  ];
  for (let index = 0; index < nodeCount; index += 1)
    lines.push(`  .node('node-${index}', ${nodeFunction(index, nodeCount)})`);
  for (let index = 0; index + 1 < nodeCount; index += 1) lines.push(`  .edge('node-${index}', 'node-${index + 1}')`);
  return [...lines, `  .start('node-0')`, '  .build();', ''].join('\n');
}

function nodeFunction(index: number, nodeCount: number): string {
  if (index % 5 === 4) {
    const next = Math.min(index + 1, nodeCount - 1);
    return `async (state, { goto }) => ({ delta: { count: state.count }, route: goto('node-${next}') })`;
  }
  if (index % 7 === 6) return `async (state, { send }) => ({ route: send('taker', { topic: state.question }) })`;
  return `async (state) => ({ delta: { count: 1, answer: state.answer } })`;
}
