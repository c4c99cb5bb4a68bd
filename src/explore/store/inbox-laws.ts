// Laws of inboxes: what is sent to a run is there until the run takes it, in order, once.
import assert from 'node:assert/strict';
import type { Message } from '../../port/inbox.ts';
import type { RunStore } from '../../port/store.ts';
import { assertRefused, idsOf } from './law-assert.ts';
import { effectEntry, endOf, runEntry, stored } from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw } from './store-law.ts';

function signal(name: string, time = 50): Message {
  return stored({ kind: 'signal', name, value: { from: name }, time }) as unknown as Message;
}

function answer(question: string): Message {
  return stored({ kind: 'answer', question, value: [true, undefined], time: 50 }) as unknown as Message;
}

/** An effect whose answer is a message. */
function taking(message: number, ordinal = message): ReturnType<typeof effectEntry> {
  return effectEntry('1.0#1', { occurrence: ordinal, observed: { began: 1, ended: 2, message } });
}

async function sent(store: RunStore, runId: string, message: Message): Promise<number> {
  const number = await store.send(runId, message);
  assert.ok(number !== undefined && Number.isSafeInteger(number) && number > 0, 'a message has a number');
  return number;
}

async function namesIn(store: RunStore, runId: string, after?: number): Promise<readonly string[]> {
  const { messages } = await store.inbox(runId, after);
  return messages.map(({ message }) => (message.kind === 'answer' ? message.question : message.name));
}

export const inboxLaws: readonly StoreLaw[] = [
  law('the messages to a run are kept as they were sent, in order, each with a number of its own', async (place) => {
    const [first, second] = [place.connect(), place.connect()];
    await first.create(runEntry('run-1'));
    await first.create(runEntry('run-2'));
    assert.deepEqual(await second.inbox('run-1'), { last: 0, messages: [] });
    const messages = [signal('b'), answer('1.0:q~0123456'), signal('a'), signal('b')];
    const numbers: number[] = [];
    for (const message of messages) numbers.push(await sent(first, 'run-1', message));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((left, right) => left - right),
      'numbers rise',
    );
    const inbox = await second.inbox('run-1');
    assert.equal(inbox.last, numbers.at(-1));
    assert.deepEqual(
      inbox.messages,
      messages.map((message, index) => ({ number: numbers[index], message })),
    );
    assert.deepEqual(await namesIn(second, 'run-1', numbers[1]), ['a', 'b']);
    assert.deepEqual(await namesIn(second, 'run-2'), []);
  }),
  law('a message leaves the inbox with the entry that takes it, and its number is not used again', async (place) => {
    const store = place.connect();
    const lost = await store.create(runEntry('run-1'));
    const lease = await store.take('run-1');
    for (const name of ['a', 'b', 'c']) await store.send('run-1', signal(name));
    const [one, two, three] = (await store.inbox('run-1')).messages.map(({ number }) => number) as [
      number,
      number,
      number,
    ];
    await assertRefused(() => store.append(lost, [taking(one)]), 'lease-lost');
    assert.deepEqual(await namesIn(store, 'run-1'), ['a', 'b', 'c']);
    await store.append(lease, [taking(two)]);
    assert.deepEqual(await namesIn(place.connect(), 'run-1'), ['a', 'c']);
    await store.append(lease, [taking(one), taking(three)]);
    assert.deepEqual(await store.inbox('run-1'), { last: three, messages: [] });
    assert.ok((await sent(store, 'run-1', signal('d'))) > three, 'the number is a new one');
    // The journal of a run that begins with the entries of another one takes nothing.
    await store.create(runEntry('run-2'), [taking(1)]);
    await store.send('run-2', signal('e'));
    assert.deepEqual(await namesIn(store, 'run-2'), ['e']);
  }),
  law('a message that depends on the last one is sent only if no other came in between', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    const { last } = await store.inbox('run-1');
    const results = await Promise.all(['a', 'b'].map((name) => place.connect().send('run-1', signal(name), last)));
    assert.equal(results.filter((number) => number === undefined).length, 1, 'one of two is sent');
    const { last: now, messages } = await store.inbox('run-1');
    assert.equal(messages.length, 1);
    await store.append(lease, [taking(now)]);
    assert.equal(await store.send('run-1', signal('c'), last), undefined);
    assert.notEqual(await store.send('run-1', signal('c'), now), undefined);
  }),
  law('a run takes messages until it is done or cancelled', async (place) => {
    const store = place.connect();
    await assertRefused(() => store.send('run-9', signal('a')), 'run-unknown');
    await assertRefused(() => store.inbox('run-9'), 'run-unknown');
    for (const status of ['done', 'failed', 'cancelled'] as const) {
      const lease = await store.create(runEntry(status));
      await store.send(status, signal('before'));
      await store.append(lease, [endOf(status)]);
      if (status === 'failed') await sent(store, status, signal('after'));
      else await assertRefused(() => store.send(status, signal('after')), 'run-ended');
    }
    assert.deepEqual(await namesIn(store, 'failed'), ['before', 'after']);
  }),
  law('a message makes a paused run due that waits for one', async (place) => {
    const store = place.connect();
    const due = async (now: number): Promise<readonly string[]> => {
      place.time.now = now;
      return idsOf(await store.due('desk', 10));
    };
    for (const runId of ['gate', 'waits', 'late', 'sleeps']) await store.create(runEntry(runId));
    const pause = async (runId: string, release: object): Promise<void> => {
      await store.release(await store.take(runId), { status: 'paused', ...release });
    };
    // By a clock that is far ahead.
    await store.send('late', signal('a', 3_600_000));
    await pause('gate', {});
    await pause('waits', { seen: 0 });
    await pause('late', { seen: 0 });
    await pause('sleeps', { wakeAt: 90, seen: 0 });
    assert.deepEqual(await due(0), ['late']);
    for (const runId of ['gate', 'waits', 'sleeps']) await store.send(runId, signal('b', 3_600_000));
    assert.deepEqual(await due(0), ['waits', 'late', 'sleeps']);
    // It has looked at what came, and still waits.
    for (const runId of ['waits', 'late']) await pause(runId, { seen: (await store.inbox(runId)).last });
    await pause('sleeps', { wakeAt: 90, seen: (await store.inbox('sleeps')).last });
    assert.deepEqual(await due(89), []);
    assert.deepEqual(await due(90), ['sleeps']);
    // A run at a gate waits for no message, even if it waited for one before.
    await pause('waits', {});
    await store.send('waits', signal('c', 60));
    assert.deepEqual(await due(89), []);
  }),
];
