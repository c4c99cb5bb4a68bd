// Stores that lose what was sent to a run, or give it twice.
import type {
  CancelRequest,
  Entry,
  Inbox,
  Later,
  Lease,
  Message,
  Release,
  RunSummary,
} from '../../../src/explore/index.ts';
import { WorkingStore } from './working-store.ts';
import type { BrokenStore } from './working-store.ts';

type Heard = CancelRequest | undefined;

export const brokenInboxes: Readonly<Record<string, BrokenStore>> = {
  'has one inbox for all runs': {
    laws: ['the messages to a run'],
    Store: class extends WorkingStore {
      override inbox(_runId: string, after?: number): Later<Inbox> {
        return this.inner.inbox('run-1', after);
      }
    },
  },
  'gives the newest message first': {
    laws: ['the messages to a run'],
    Store: class extends WorkingStore {
      override inbox(runId: string, after?: number): Later<Inbox> {
        const { last, messages } = this.inner.inbox(runId, after) as Inbox;
        return { last, messages: messages.toReversed() };
      }
    },
  },
  'keeps what was taken': {
    laws: ['a message leaves the inbox'],
    Store: class extends WorkingStore {
      override append(lease: Lease, entries: readonly Entry[]): Later<Heard> {
        return this.inner.append(
          lease,
          entries.map((entry) => (entry.kind === 'effect' ? { ...entry, observed: { began: 1, ended: 2 } } : entry)),
        );
      }
    },
  },
  'sends in any case': {
    laws: ['a message that depends on the last one'],
    Store: class extends WorkingStore {
      override send(runId: string, message: Message): Later<number | undefined> {
        return this.inner.send(runId, message);
      }
    },
  },
  'sends to nobody': {
    laws: ['a run takes messages', 'the messages to a run'],
    Store: class extends WorkingStore {
      override send(runId: string, message: Message): Later<number | undefined> {
        return this.inner.find(runId) === undefined ? undefined : this.inner.send(runId, message);
      }
      override inbox(runId: string): Later<Inbox> {
        return this.inner.inbox(runId);
      }
    },
  },
  'wakes a run at a gate': {
    laws: ['a message makes a paused run due'],
    Store: class extends WorkingStore {
      override release(lease: Lease, release?: Release): Later<void> {
        return this.inner.release(lease, release?.status === 'paused' ? { seen: 0, ...release } : release);
      }
    },
  },
  'wakes no run': {
    laws: ['a message makes a paused run due'],
    Store: class extends WorkingStore {
      override due(graph: string, limit: number): Later<readonly RunSummary[]> {
        const due = this.inner.due(graph, limit) as readonly RunSummary[];
        return due.filter(({ runId }) => runId !== 'late');
      }
    },
  },
};
