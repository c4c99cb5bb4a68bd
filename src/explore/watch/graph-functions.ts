// The functions of a graph: where a watch begins to read.
import type { GraphSpec } from '../../graph/spec.ts';

/**
 * Every function that a graph holds: nodes, reducers, conditions, schemas. Whatever a task can reach, it reaches through
 * one of them.
 */
export function functionsOf(spec: GraphSpec): readonly object[] {
  const functions = new Set<object>();
  const seen = new Set<object>();
  const walk = (value: unknown): void => {
    if (typeof value === 'function') functions.add(value);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      if (value instanceof Map) for (const item of value.values()) walk(item);
      else for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) walk(property.value);
    }
  };
  walk(spec);
  return [...functions];
}
