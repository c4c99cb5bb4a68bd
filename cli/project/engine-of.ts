import { createEngine } from '../../src/index.ts';
import type { AnyGraph, Engine, RunStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../src/live/http/index.ts';
import type { ReplayOptions } from '../../src/replay/index.ts';
import type { LoadedConfig } from '../../src/config.ts';

/** An engine for a graph whose types are only known when it is loaded. */
export type AnyEngine = Engine<unknown, unknown>;

/** An engine that records HTTP, and tells requests apart as the config says. It closes the store when it is closed. */
export function engineOf(
  graph: AnyGraph,
  store: RunStore,
  config: LoadedConfig,
  limits: { readonly maxConcurrent?: number } = {},
): AnyEngine {
  return createEngine(graph, {
    store,
    effects: [httpEffects(rulesIn(config))],
    ...limits,
  }) as unknown as AnyEngine;
}

/** What the config says about when two runs are the same. */
export function comparisonIn(config: LoadedConfig): Pick<ReplayOptions, 'compare'> & ReturnType<typeof rulesIn> {
  const { compare } = config;
  return { ...rulesIn(config), ...(compare === undefined ? {} : { compare }) };
}

/** What the config says about when two requests are the same, and which are no part of a run. */
export function rulesIn(config: LoadedConfig): Pick<HttpEffectsOptions, 'origins' | 'match' | 'outside'> {
  const { origins, match, outside } = config;
  return {
    ...(origins === undefined ? {} : { origins }),
    ...(match === undefined ? {} : { match }),
    ...(outside === undefined ? {} : { outside }),
  };
}
