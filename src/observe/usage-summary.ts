// What a run used of models, and what that cost. It is computed from the journal, so it works for any run ever
// recorded.
import { compareCodeUnits } from '../base/compare.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { Inheritance } from '../journal/run/inheritance.ts';
import type { Entry } from '../journal/entry.ts';
import { NodeNames } from './node-names.ts';
import { costOf, modelOf, pricesKind, priceOf } from './price.ts';
import type { PriceTable } from './price.ts';
import { usageOf } from './usage-of.ts';
import type { ModelUsage } from './usage-of.ts';

/** Sums over several model calls. Costs are in US dollars, by the prices that were given. */
export interface UsageTotal {
  /** Model calls, including those of failed attempts: they were paid for too. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The cost of all calls with a price, in US dollars; undefined if none has one. */
  readonly usd: number | undefined;
  /** Models without a price in the table. */
  readonly unpriced: readonly string[];
  /** Calls whose answer lacks token counts; what it lacks is missing from the sums. */
  readonly unmeasured: number;
}

/** What the model calls of a run used and cost, in total, for each node and for each model. */
export interface UsageSummary extends UsageTotal {
  /** By node; a node of a subgraph by its path, `desk/research`. */
  readonly nodes: readonly (UsageTotal & { readonly node: string })[];
  readonly models: readonly (UsageTotal & { readonly model: string })[];
}

/** What `usageSummary` needs besides the entries of the run in order to state costs. */
export interface UsageOptions {
  /** Prices by model. Without them calls are counted, but have no cost. */
  readonly prices?: PriceTable;
}

export const usageOptions = optionShape<UsageOptions>('usageSummary', { prices: pricesKind });

/**
 * Sums the model usage of a run: in total, by node and by model. Calls that a fork inherited are counted in its parent.
 *
 * ```ts
 * import { createEngine, fields, graph, memoryStore } from 'reprise';
 * import { usageSummary } from 'reprise/observe';
 *
 * const store = memoryStore();
 * const engine = createEngine(
 *   graph('still', { state: fields({}) }).node('wait', () => {}).start('wait').build(),
 *   { store },
 * );
 * const { id } = await engine.run({});
 * const { calls, usd } = await usageSummary(store.read(id), { prices: { 'gpt-5': { input: 1.25, output: 10 } } });
 * console.log(calls, usd); // 0 0
 * await engine.close();
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export async function usageSummary(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  options: UsageOptions = noOptions,
): Promise<UsageSummary> {
  checkOptions(usageOptions, options);
  const { prices = {} } = options;
  const names = new NodeNames();
  const inheritance = new Inheritance();
  const run = new Sum(prices);
  const nodes = new Map<string, Sum>();
  const models = new Map<string, Sum>();
  for await (const entry of entries) {
    names.add(entry);
    if (inheritance.isInherited(entry) || entry.kind !== 'effect') continue;
    const usage = usageOf(entry);
    if (usage === undefined) continue;
    run.add(usage);
    sumOf(nodes, names.nodeOf(entry.at), prices).add(usage);
    sumOf(models, modelOf(usage), prices).add(usage);
  }
  return {
    ...run.total,
    nodes: sorted(nodes).map(([node, total]) => ({ node, ...total })),
    models: sorted(models).map(([model, total]) => ({ model, ...total })),
  };
}

class Sum {
  readonly #prices: PriceTable;
  readonly #unpriced = new Set<string>();
  #calls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #unmeasured = 0;
  #usd: number | undefined;

  constructor(prices: PriceTable) {
    this.#prices = prices;
  }

  add(usage: ModelUsage): void {
    const { inputTokens, outputTokens } = usage;
    this.#calls += 1;
    this.#inputTokens += inputTokens ?? 0;
    this.#outputTokens += outputTokens ?? 0;
    if (inputTokens === undefined || outputTokens === undefined) this.#unmeasured += 1;
    if (priceOf(usage, this.#prices) === undefined) this.#unpriced.add(modelOf(usage));
    const cost = costOf(usage, this.#prices);
    if (cost !== undefined) this.#usd = (this.#usd ?? 0) + cost;
  }

  get total(): UsageTotal {
    return {
      calls: this.#calls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      usd: this.#calls === 0 ? 0 : this.#usd,
      unpriced: [...this.#unpriced].sort(compareCodeUnits),
      unmeasured: this.#unmeasured,
    };
  }
}

function sumOf(sums: Map<string, Sum>, name: string, prices: PriceTable): Sum {
  const sum = sums.get(name) ?? new Sum(prices);
  sums.set(name, sum);
  return sum;
}

function sorted(sums: ReadonlyMap<string, Sum>): readonly (readonly [string, UsageTotal])[] {
  return [...sums]
    .sort(([left], [right]) => compareCodeUnits(left, right))
    .map(([name, sum]) => [name, sum.total] as const);
}
