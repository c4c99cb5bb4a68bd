import { expect, it } from 'vitest';
import { manyNodesSource } from '../../support/many-nodes.ts';
import { compile, compilers } from '../../support/type-check.ts';

// Counted, not timed: the number is the same on every machine. 100,000 instantiations are about 0.2 s.
it.each(compilers)('100 nodes cost $name few type instantiations', (compiler) => {
  const count = (nodeCount: number): number => {
    const { output } = compile(compiler, {
      files: { 'many.ts': manyNodesSource(nodeCount) },
      options: { extendedDiagnostics: true },
    });
    expect(output).not.toContain('error');
    return Number(/Instantiations:\s+(\d+)/.exec(output)?.[1]);
  };
  const added = count(101) - count(1);
  expect(added).toBeGreaterThan(0);
  expect(added).toBeLessThan(150_000);
});
