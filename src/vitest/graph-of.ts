import type { AnyGraph } from '../graph/built-graph.ts';

export function isGraph(value: unknown): value is AnyGraph {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'graph';
}

/** A matcher that was not given a graph can say nothing, with `.not` neither. `call`: as it is written. */
export function noGraph(call: string): never {
  throw new TypeError(`expect(graph).${call}: expect was not given a graph; pass it the result of \`.build()\``);
}
