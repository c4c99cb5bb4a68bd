import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { requestRules } from '../../journal/http/request-rules.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import { putUpDoors } from '../seal/doors.ts';
import { httpOptions } from './options/http-options.ts';
import type { HttpEffectsOptions } from './options/http-options.ts';
import { installInterception } from './interception.ts';

/**
 * Records the requests that nodes make with `fetch` and `node:http(s)`, without changing the nodes. Pass it to
 * `createEngine({ effects })`.
 *
 * It ignores requests made inside `context.effect`. A request made inside a node is first looked up in the journal. If
 * it is not there, it is sent exactly as it would be without Reprise. The head of the answer, as much of the body as the
 * node reads, and how it ended are recorded. A request that starts outside of every node is sent and noted. What cannot be
 * recorded is sent too, and noted: a request body over 64 MB, and an answer over `maxBodyBytes`. Telemetry and requests
 * for credentials are no part of a run (`outside`). With `REPRISE_HTTP=off` in the environment nothing is intercepted.
 *
 * ```ts
 * import { createServer } from 'node:http';
 * import { createEngine, fields, graph, text } from 'reprise';
 * import { httpEffects } from 'reprise/http';
 *
 * const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
 * await new Promise((resolve) => server.once('listening', resolve));
 * const { port } = server.address() as { port: number };
 *
 * const asking = graph('asking', { state: fields({ answer: text() }) })
 *   .node('ask', async () => ({ delta: { answer: await (await fetch(`http://127.0.0.1:${port}/`)).text() } }))
 *   .start('ask')
 *   .build();
 * const engine = createEngine(asking, { effects: [httpEffects()] });
 * console.log((await engine.run({}).orThrow()).answer); // hello
 * await engine.close();
 * server.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function httpEffects(options: HttpEffectsOptions = noOptions): EffectSource {
  checkOptions(httpOptions, options);
  const rules = requestRules(options);
  return {
    name: 'http',
    rules,
    install(engine) {
      if (process.env.REPRISE_HTTP === 'off') return () => undefined;
      // The doors note what is not recorded. They stand below interception, so they are put up first.
      const takeDoorsDown = putUpDoors();
      // A copy, because what may be held in memory is counted for each engine.
      const removeInterception = installInterception({ ...options }, engine, rules);
      return () => {
        removeInterception();
        takeDoorsDown();
      };
    },
  };
}
