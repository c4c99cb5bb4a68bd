// What tokens cost, by a table that the user maintains: prices change, so built-in ones would soon be wrong.
import { numberIn, required } from '../base/options/option-kind.ts';
import { objectOf, recordOf } from '../base/options/option-parts.ts';
import type { ModelUsage } from './usage-of.ts';

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** For input that was read from a cache, or written to one; the same as `input` by default. */
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** Keyed by the model's name in the answer, or else in the request. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

const million = 1_000_000;

const usd = { ...numberIn({ least: 0 }), wanted: 'US dollars per million tokens, 0 or more' };
const priceTable = 'prices by model, each with `input` and `output` in US dollars per million tokens';

export const pricesKind = recordOf(
  objectOf<ModelPrice>(priceTable, { input: required(usd), output: required(usd), cacheRead: usd, cacheWrite: usd }),
  priceTable,
);

/** The model name that a call is counted under. */
export function modelOf({ responseModel, requestModel }: ModelUsage): string {
  return responseModel ?? requestModel ?? 'unknown';
}

/** Undefined if the table has no price for the model, or the answer has no counts. */
export function costOf(usage: ModelUsage, prices: PriceTable): number | undefined {
  const price = priceOf(usage, prices);
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  if (price === undefined || inputTokens === undefined || outputTokens === undefined) return undefined;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  const fresh = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens);
  return (
    (fresh * input + cacheReadTokens * cacheRead + cacheWriteTokens * cacheWrite + outputTokens * output) / million
  );
}

export function priceOf({ responseModel, requestModel }: ModelUsage, prices: PriceTable): ModelPrice | undefined {
  const named = [responseModel, requestModel].find((model) => model !== undefined && Object.hasOwn(prices, model));
  return named === undefined ? undefined : prices[named];
}
