// The exchanges of a recorded run as request handlers of msw.
import type { HttpHandler } from 'msw';
import { RepriseError, messageOf } from '../base/error.ts';
import { numberIn, trueOrFalse } from '../base/options/option-kind.ts';
import { listOf } from '../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { endpoint } from '../live/http/options/rules-option.ts';
import { fixtureAnswers } from './fixture-answers.ts';
import type { FixtureHandlersOptions } from './fixture-answers.ts';

export const fixtureHandlersOptions = optionShape<FixtureHandlersOptions>('fixtureHandlers', {
  speed: numberIn({ least: 0 }),
  strict: trueOrFalse,
  only: listOf(endpoint, 'addresses'),
});

/**
 * Request handlers for msw that answer with what was recorded in a run: streams in their parts, and failures too. For the
 * tests of an application that does not use the engine.
 *
 * Requests are told apart as in a replay, by the rules that the run was recorded with. Each answer is given once, and equal
 * requests get theirs in the recorded order; call it in each test. A request that was not recorded fails with
 * `effect-missing`, which names the nearest one that was. Telemetry and credential requests get placeholders.
 *
 * ```ts
 * import { createEngine, fields, graph, last, memoryStore } from 'reprise';
 * import { httpEffects } from 'reprise/http';
 * import { fixtureHandlers } from 'reprise/msw';
 * import { exportRunTo } from 'reprise/record';
 * import { setupServer } from 'msw/node';
 * import { mkdtempSync } from 'node:fs';
 * import { createServer } from 'node:http';
 *
 * const provider = createServer((_request, response) => response.end('sunny')).listen(0);
 * const url = `http://localhost:${(provider.address() as { port: number }).port}/weather`;
 * const asking = graph('asking', { state: fields({ weather: last('') }) })
 *   .node('ask', async () => ({ delta: { weather: await (await fetch(url)).text() } }))
 *   .start('ask')
 *   .build();
 * const store = memoryStore();
 * const engine = createEngine(asking, { store, effects: [httpEffects()] });
 * await engine.run({}, { runId: 'asking-1' }).orThrow();
 * await engine.close();
 * const path = await exportRunTo(store, 'asking-1', `${mkdtempSync('/tmp/asking-')}/asking-1.run.jsonl`);
 * provider.close().closeAllConnections();
 *
 * // In a test of the application, without the graph.
 * const server = setupServer(...(await fixtureHandlers(path)));
 * server.listen({ onUnhandledRequest: 'error' });
 * console.log(await (await fetch(url)).text()); // sunny
 * server.close();
 * ```
 *
 * @throws RepriseError `fixture-unreadable`, `fixture-damaged`, `fixture-version-unknown`, `option-invalid`, `peer-missing`
 */
export async function fixtureHandlers(
  path: string,
  options: FixtureHandlersOptions = noOptions,
): Promise<readonly HttpHandler[]> {
  checkOptions(fixtureHandlersOptions, options);
  const { http } = await loadMsw();
  const answer = await fixtureAnswers(path, options);
  return [http.all('*', ({ request }) => answer(request))];
}

/** @throws RepriseError `peer-missing` */
async function loadMsw(): Promise<typeof import('msw')> {
  try {
    return await import('msw');
  } catch (cause) {
    const isAbsent = (cause as { readonly code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
    const what = isAbsent ? 'is not installed' : `cannot be loaded: ${messageOf(cause)}`;
    throw new RepriseError('peer-missing', `request handlers need the package msw, which ${what}`, {
      nextStep: 'npm install --save-dev msw@2',
      cause,
    });
  }
}
