import { describe, expect, it } from 'vitest';
import { EventDelivery } from '../../../../../src/engine/run/journal/event-delivery.ts';
import type { TaskKey } from '../../../../../src/journal/key.ts';
import type { EventEntry } from '../../../../../src/journal/entry.ts';
import type { EventSink, RunEvent } from '../../../../../src/port/event-sink.ts';
import type { Later } from '../../../../../src/port/store.ts';
import { eventEntry } from '../../../../support/journals.ts';
import { nextTurn } from '../../../../support/manual-clock.ts';

const durable = (): undefined => undefined;
const told = ({ key, data }: RunEvent): string => `${key} ${String(data)}`;

class Sink implements EventSink {
  readonly told: string[] = [];
  readonly order: 'arrival' | 'canonical';

  constructor(order: 'arrival' | 'canonical' = 'arrival') {
    this.order = order;
  }

  deliver = (event: RunEvent): void => {
    this.told.push(told(event));
  };
}

/** All that these tests know of how a delivery is made and told. */
function deliveryTo(...sinks: readonly EventSink[]) {
  const delivery = new EventDelivery('run-1', sinks);
  const ordinals = new Map<string, number>();
  const eventOf = (at: string, data: string): EventEntry => {
    const ordinal = ordinals.get(at) ?? 0;
    ordinals.set(at, ordinal + 1);
    return eventEntry(at, { data, ordinal });
  };
  return {
    emit: (at: string, data: string, flush: () => Later<void> = durable): void =>
      delivery.arrived(eventOf(at, data), 'ask', flush),
    commit: (lastAttempts: Readonly<Record<string, number>>): void => {
      for (const [task, attempt] of Object.entries(lastAttempts)) delivery.attemptDone(task as TaskKey, attempt);
      delivery.stepCommitted();
    },
  };
}

it('tells a sink what the event is, and which run it belongs to', async () => {
  const events: RunEvent[] = [];
  const delivery = new EventDelivery('run-1', [{ deliver: (event) => events.push(event) }]);
  delivery.arrived(
    eventEntry('1.0#1', { name: 'progress', stream: 'b', ordinal: 3, data: { percent: 50 } }),
    'ask',
    durable,
  );
  await nextTurn();
  expect(events).toEqual([
    { runId: 'run-1', key: '1.0#1', node: 'ask', name: 'progress', stream: 'b', ordinal: 3, data: { percent: 50 } },
  ]);
});

describe('in the order of arrival', () => {
  it('events are told once they are durable, and those of one turn with one write', async () => {
    const sink = new Sink();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { emit } = deliveryTo(sink);
    let writes = 0;
    const flush = (): Promise<void> => {
      writes += 1;
      return promise;
    };
    emit('1.1#1', 'a', flush);
    emit('1.0#1', 'b', flush);
    await nextTurn();
    expect([writes, sink.told]).toEqual([1, []]);
    resolve();
    await nextTurn();
    expect(sink.told).toEqual(['1.1#1 a', '1.0#1 b']);
  });

  it('what comes while the store writes is told after it', async () => {
    const sink = new Sink();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { emit } = deliveryTo(sink);
    emit('1.0#1', 'a', () => gates[0]?.promise);
    await nextTurn();
    emit('1.0#1', 'b', () => gates[1]?.promise);
    await nextTurn();
    expect(sink.told).toEqual([]);
    gates[0]?.resolve();
    gates[1]?.resolve();
    await nextTurn();
    expect(sink.told).toEqual(['1.0#1 a', '1.0#1 b']);
  });

  it('nobody is told of an event that could not be written', async () => {
    const sink = new Sink();
    const { emit } = deliveryTo(sink);
    emit('1.0#1', 'refused', () => Promise.reject(new Error('the disk is full')));
    await nextTurn();
    expect(sink.told).toEqual([]);
  });

  it('a commit tells what is left, for it is durable then', () => {
    const sink = new Sink();
    const { emit, commit } = deliveryTo(sink);
    emit('1.0#1', 'a');
    commit({ '1.0': 1 });
    expect(sink.told).toEqual(['1.0#1 a']);
  });
});

describe('in canonical order', () => {
  it('events are told at the commit, by rank and not by arrival', async () => {
    const sink = new Sink('canonical');
    const { emit, commit } = deliveryTo(sink);
    emit('1.1#1', 'a');
    emit('1.0#1', 'b');
    emit('1.1#1', 'c');
    await nextTurn();
    expect(sink.told).toEqual([]);
    commit({ '1.0': 1, '1.1': 1 });
    expect(sink.told).toEqual(['1.0#1 b', '1.1#1 a', '1.1#1 c']);
  });

  it('only those of the attempts that count are told, in inner runs too', () => {
    const sink = new Sink('canonical');
    const { emit, commit } = deliveryTo(sink);
    emit('1.0#1', 'void');
    emit('1.0#2', 'counts');
    emit('1.1#1/1.0#1', 'void, as its outer attempt is');
    emit('1.1#2/1.0#1', 'void inside');
    emit('1.1#2/1.0#2', 'counts inside');
    emit('1.2#1', 'of a task that is not done');
    commit({ '1.0': 2, '1.1': 2, '1.1#1/1.0': 1, '1.1#2/1.0': 2 });
    expect(sink.told).toEqual(['1.0#2 counts', '1.1#2/1.0#2 counts inside']);
  });

  it('each step is told once', () => {
    const sink = new Sink('canonical');
    const { emit, commit } = deliveryTo(sink);
    emit('1.0#1', 'a');
    commit({ '1.0': 1 });
    commit({ '1.0': 1 });
    expect(sink.told).toEqual(['1.0#1 a']);
  });
});

it('warns of a sink that throws, and still tells the others', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  try {
    const sink = new Sink();
    const failing: EventSink = {
      deliver: () => {
        throw new Error('no network');
      },
    };
    const { emit } = deliveryTo(failing, sink);
    emit('1.0#1', 'a');
    emit('1.0#1', 'b');
    await nextTurn();
    expect(sink.told).toEqual(['1.0#1 a', '1.0#1 b']);
    await nextTurn();
    expect(warnings.filter((message) => message.includes('no network'))).toHaveLength(2);
  } finally {
    process.off('warning', onWarning);
  }
});
