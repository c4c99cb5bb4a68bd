import { createEngine } from '../../src/index.ts';
import type { AnyGraph, Engine, RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { LoadedConfig } from './config.ts';

/** An engine for a graph whose types are only known when it is loaded. */
export type AnyEngine = Engine<unknown, unknown>;

/** An engine that records HTTP, with the origins of the config. It closes the store when it is closed. */
export function engineOf(
  graph: AnyGraph,
  store: RunStore,
  config: LoadedConfig,
  limits: { readonly maxConcurrent?: number } = {},
): AnyEngine {
  return createEngine(graph, {
    store,
    effects: [httpEffects(config.origins === undefined ? {} : { origins: config.origins })],
    ...limits,
  }) as unknown as AnyEngine;
}
