// What tokens cost, by a table that the user keeps: prices change, and a package that knew them would be wrong soon.
import { numberIn, required } from '../base/options/option-kind.ts';
import { objectOf, recordOf } from '../base/options/option-parts.ts';
import type { ModelUsage } from './usage-of.ts';

/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Of input that was read from a cache, or written to one; as `input` where it is left out. */
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** By the name of the model as the answer gives it, or else as the request does. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

const million = 1_000_000;

const usd = { ...numberIn({ least: 0 }), wanted: 'US dollars for a million tokens, 0 or more' };
const priceTable = 'prices by model, each with `input` and `output` in US dollars for a million tokens';

export const pricesKind = recordOf(
  objectOf<ModelPrice>(priceTable, { input: required(usd), output: required(usd), cacheRead: usd, cacheWrite: usd }),
  priceTable,
);

/** The model by whose name a call is counted. */
export function modelOf({ responseModel, requestModel }: ModelUsage): string {
  return responseModel ?? requestModel ?? 'unknown';
}

/** Undefined where the table has no price for the model, or the answer no counts. */
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
