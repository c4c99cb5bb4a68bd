import { functionOf } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { listOf, optionsIn } from '../../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../../base/options/option-shape.ts';
import type { OnDoubt } from '../../port/attempt.ts';
import type { EffectSource } from '../../port/effect-source.ts';
import { installOutsideGuard } from '../outside-guard.ts';
import { installInterception } from './interception.ts';
import { originsKind } from './origins-option.ts';

/** A request, as the policies of `httpEffects` are asked about it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
}

export interface HttpEffectsOptions {
  /**
   * Names for origins, so that a run recorded against one replays against another:
   * `{ openai: ['https://api.openai.com', 'https://llm.internal'] }`. Origins of this machine are all alike.
   */
  readonly origins?: Readonly<Record<string, readonly string[]>>;
  readonly match?: {
    /** Headers of a request that count when requests are compared; none by default. */
    readonly headers?: readonly string[];
  };
  /**
   * What to do about a request that was sent when the process died, so that nobody knows whether it was served: `retry` (the
   * default) sends it again, `fail` makes it `effect-in-doubt`, `ask` asks a person.
   */
  readonly onDoubt?: (request: SentRequest) => OnDoubt | undefined;
  /**
   * The name of a header that a request is sent with, and that holds the same key when it is sent again after a crash. None
   * by default: then a POST in doubt is sent again without one. It does not count when requests are compared. A header of
   * that name that the caller has set stays as it is, and what goes out unrecorded gets none.
   */
  readonly idempotencyHeader?: (request: SentRequest) => string | undefined;
  /** Headers of an answer that are recorded besides content type, location, links, retry and rate limits. */
  readonly responseHeaders?: readonly string[];
}

const headerName: OptionKind = {
  wanted: 'the name of a header',
  fits: (name) => typeof name === 'string' && /^[\w-]+$/.test(name),
};

export const httpOptions = optionShape<HttpEffectsOptions>('httpEffects', {
  origins: originsKind,
  match: optionsIn<NonNullable<HttpEffectsOptions['match']>>({ headers: listOf(headerName, 'header names') }),
  onDoubt: functionOf('a function of the request'),
  idempotencyHeader: functionOf('a function of the request'),
  responseHeaders: listOf(headerName, 'header names'),
});

/**
 * Records what nodes do by `fetch` and `node:http(s)`, with no change to them. Give it to `createEngine({ effects })`.
 *
 * It stands aside outside of nodes and inside `context.effect`. Inside a node an exchange is looked up in the journal
 * first; else it is made as it would be without Reprise, and what the node took of the answer is recorded. A request body
 * is gathered before it is sent, since it tells requests apart; one beyond 64 MB goes out unrecorded, and an answer is
 * kept up to 15 MB (the run's summary names both). Engines that are open at once share one interception, with the
 * options that were given last.
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
  return {
    name: 'http',
    install() {
      const removeInterception = installInterception(options);
      const removeGuard = installOutsideGuard((attempt, { what }) => {
        attempt.noteUnrecorded(`${what} is not recorded: this run may not replay`);
        return undefined;
      });
      return () => {
        removeGuard();
        removeInterception();
      };
    },
  };
}
