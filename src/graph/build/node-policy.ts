// The options of a node, checked when they are given.
import {
  anyFunction,
  numberIn,
  oneOf,
  required,
  text,
  timerMsMax,
  trueOrFalse,
  wholeNumber,
} from '../../base/options/option-kind.ts';
import { optionsIn } from '../../base/options/option-parts.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { NodeOptions } from '../types/node-types.ts';
import type { NodePolicy, RetryPolicy } from '../spec.ts';

const delay = numberIn({ least: 0, most: timerMsMax });

export const retryKind = optionsIn<RetryPolicy>({
  attempts: required(wholeNumber({ least: 1 })),
  delayMs: delay,
  backoff: numberIn({ least: 1 }),
  maxDelayMs: delay,
  jitter: numberIn({ least: 0, most: 1 }),
  when: anyFunction,
});

const subgraphKinds = {
  retry: retryKind,
  // A timeout of 0 would end every attempt before it began.
  timeoutMs: numberIn({ above: 0, most: timerMsMax }),
  onError: text,
};

export const nodeOptions = optionShape<NodeOptions>('node', {
  ...subgraphKinds,
  maxConcurrent: wholeNumber({ least: 1 }),
  accumulate: anyFunction,
  resumable: trueOrFalse,
  emptyRoute: oneOf('error', 'edges'),
  on: oneOf('workers'),
});

type SubgraphOptions = Omit<NodeOptions, 'accumulate' | 'resumable' | 'emptyRoute' | 'maxConcurrent' | 'on'>;

/** A subgraph yields no chunks, returns no routes, and holds no slot: the nodes inside it do. */
export const subgraphOptions = optionShape<SubgraphOptions>('subgraph', subgraphKinds);

/** @throws RepriseError `option-invalid` */
export function nodePolicy(options: unknown, node: string, kind: 'function' | 'subgraph'): NodePolicy {
  if (kind === 'function') checkOptions(nodeOptions, options, `node "${node}"`);
  else checkOptions(subgraphOptions, options, `subgraph "${node}"`);
  if (options === undefined) return Object.freeze({});
  const { retry, timeoutMs, maxConcurrent, onError, accumulate, resumable, emptyRoute, on } = options as NodeOptions &
    NodePolicy;
  return Object.freeze({
    ...(retry === undefined ? {} : { retry: retryPolicy(retry) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(onError === undefined ? {} : { onError }),
    ...(accumulate === undefined ? {} : { accumulate }),
    ...(resumable === true ? { resumable } : {}),
    ...(on === undefined ? {} : { on }),
    ...(emptyRoute === 'edges' ? { emptyRoute } : {}),
  });
}

function retryPolicy({ attempts, delayMs, backoff, maxDelayMs, jitter, when }: RetryPolicy): RetryPolicy {
  const given = Object.entries({ attempts, delayMs, backoff, maxDelayMs, jitter, when });
  return Object.freeze(Object.fromEntries(given.filter(([, value]) => value !== undefined))) as unknown as RetryPolicy;
}
