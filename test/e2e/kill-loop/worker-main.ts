// A worker of the kill loop: `worker-main.ts <path of the store> <address of the outside>`, with a channel to its parent.
// It drives runs of both levels of durability until it is killed.
import { createEngine, RepriseError } from '../../../src/index.ts';
import type { ResumeOptions, RunStore } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { changedStore } from '../../support/changed-store.ts';
import { beatMs } from './beat.ts';
import { durabilities, overHttp, tokens, workGraph } from './work.ts';
import type { Durability, Input } from './work.ts';

export type Order =
  | { readonly kind: 'begin'; readonly durability: Durability; readonly input: Input; readonly seed: string }
  | {
      readonly kind: 'decide';
      readonly durability: Durability;
      readonly runId: string;
      readonly decide: NonNullable<ResumeOptions['decide']>;
    }
  | { readonly kind: 'ping'; readonly number: number };

export type Told =
  | { readonly kind: 'ready' | 'beat' }
  | { readonly kind: 'pong'; readonly number: number }
  /** A run was taken from an owner that had not released it. */
  | { readonly kind: 'took' }
  | { readonly kind: 'passed'; readonly code: string }
  | { readonly kind: 'error'; readonly runId: string | undefined; readonly code: string; readonly text: string };

/** Another process has the run, or had it first. */
const expected = ['run-exists', 'run-owned', 'lease-lost', 'run-not-resumable', 'not-in-doubt'];

const [path = '', url = ''] = process.argv.slice(2);
const tell = (told: Told): void => void process.send?.(told);
process.once('disconnect', () => process.exit());

function failed(thrown: unknown, runId: string | undefined): void {
  const code = thrown instanceof RepriseError ? thrown.code : 'none';
  if (expected.includes(code)) tell({ kind: 'passed', code });
  else tell({ kind: 'error', runId, code, text: String((thrown as Error)?.stack ?? thrown) });
}

function openStore(): RunStore {
  const store = sqliteStore(path, { checkpointLength: 2_000 });
  return changedStore(store, {
    take: async (...given) => {
      const lease = await store.take(...given);
      tokens.set(lease.runId, lease.token);
      if (lease.takeovers !== undefined && lease.takeovers > 0) tell({ kind: 'took' });
      return lease;
    },
    create: async (...given) => {
      const lease = await store.create(...given);
      tokens.set(lease.runId, lease.token);
      return lease;
    },
  });
}

const engineOf = (durability: Durability) =>
  createEngine(workGraph(durability, overHttp(url), url), {
    store: openStore(),
    effects: [httpEffects()],
    durability,
    leaseMs: Number(process.env.KILL_LOOP_LEASE),
    graceMs: 100,
    cleanupMs: 10_000,
  });
const engines = new Map(durabilities.map((durability) => [durability, engineOf(durability)]));
for (const engine of engines.values()) engine.work({ pollMs: 40, parkMs: 5_000, maxRuns: 8, onError: failed });

process.on('message', (order: Order) => {
  if (order.kind === 'ping') tell({ kind: 'pong', number: order.number });
  if (order.kind === 'begin') {
    const { input, seed } = order;
    const { runId } = input;
    engines
      .get(order.durability)
      ?.run(input, { runId, seed })
      .catch((thrown: unknown) => failed(thrown, runId));
  }
  if (order.kind === 'decide') {
    const { runId, decide } = order;
    engines
      .get(order.durability)
      ?.resume(runId, { decide, decidedBy: 'the driver' })
      .catch((thrown: unknown) => failed(thrown, runId));
  }
});
tell({ kind: 'ready' });
setInterval(() => tell({ kind: 'beat' }), beatMs);
