import { resolve } from 'node:path';
import { createEngine } from '../../../src/index.ts';
import type { AnyGraph, Engine, EngineOptions, RecordOptions, RunStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import type { HttpEffectsOptions } from '../../../src/live/http/index.ts';
import type { ReplayOptions } from '../../../src/replay/index.ts';
import type { LoadedConfig } from '../../../src/config.ts';
import { openStore } from './open-store.ts';

/** An engine for a graph whose types are only known when it is loaded. */
export type AnyEngine = Engine<unknown, unknown>;

/**
 * An engine that records HTTP, and treats requests and tells them apart as the config says. It closes the store when it is
 * closed.
 */
export function engineOf(
  graph: AnyGraph,
  store: RunStore,
  config: LoadedConfig,
  options: EngineLimits = {},
): AnyEngine {
  return createEngine(graph, {
    store,
    effects: [httpEffects({ ...config.http, ...rulesIn(config) })],
    ...options,
  }) as unknown as AnyEngine;
}

type EngineLimits = Pick<EngineOptions, 'maxConcurrent' | 'lateAnswersMs' | 'record'>;

/** An engine on a stored file, whose runs become fixtures by themselves where the config says so. */
export function storedEngineOf(
  graph: AnyGraph,
  store: string,
  config: LoadedConfig,
  limits: Pick<EngineOptions, 'maxConcurrent' | 'lateAnswersMs'> = {},
): AnyEngine {
  const { record } = config;
  return engineOf(graph, openStore(store), config, {
    ...limits,
    ...(record === undefined ? {} : { record: recordIn(record, config) }),
  });
}

function recordIn(record: RecordOptions, { folder, redact: ofAll }: LoadedConfig): RecordOptions {
  const { to, redact: own } = record;
  const paths = [...(ofAll?.paths ?? []), ...(own?.paths ?? [])];
  const values = [...(ofAll?.values ?? []), ...(own?.values ?? [])];
  return { ...record, to: typeof to === 'string' ? resolve(folder, to) : to, redact: { paths, values } };
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
