import { describe, expect, it } from 'vitest';
import { Owner, claimOf } from '../../../../src/engine/host/owner.ts';
import { leaseMsDefault } from '../../../../src/engine/options/engine-options.ts';
import type { CancelRequest, Claim, RunStore, Sent } from '../../../../src/port/store.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const leaseMs = 30_000;
const cancelRequest: CancelRequest = { runId: 'run-1', reason: 'enough' };

/** A store that keeps what it is asked, and answers with the requests and failures it is given. */
class AskedStore {
  readonly asked: string[] = [];
  readonly claims: Claim[] = [];
  readonly renewals: number[] = [];
  now = (): number => 0;
  requests: readonly CancelRequest[] = [];
  isFailing = false;
  readonly isDurable: boolean;

  constructor(isDurable = true) {
    this.isDurable = isDurable;
  }

  async renew(claim: Claim): Promise<readonly CancelRequest[]> {
    this.claims.push(claim);
    this.renewals.push(this.now());
    return this.#answer('renew');
  }

  async cancelRequests(owner: string): Promise<readonly CancelRequest[]> {
    return this.#answer(`look for ${owner}`);
  }

  #answer(what: string): readonly CancelRequest[] {
    this.asked.push(what);
    if (this.isFailing) throw new Error('the disk is gone');
    return this.requests;
  }
}

function ownerOf(store: AskedStore, clock: ManualClock, isGone?: Claim['isGone']) {
  store.now = () => clock.now();
  const cancelled: CancelRequest[] = [];
  const onCancel = (request: CancelRequest): void => void cancelled.push(request);
  const messages: (string | undefined)[] = [];
  const onMessage = (runId: string | undefined): void => void messages.push(runId);
  const owner = new Owner({
    id: 'me',
    clock,
    store: store as unknown as RunStore,
    leaseMs,
    isGone,
    onCancel,
    onMessage,
  });
  return { owner, cancelled, messages };
}

describe('an owner whose store tells what is sent to its runs', () => {
  it('hears of cancels and messages at once, while it drives runs', async () => {
    const store = new AskedStore();
    const told = new Set<(sent?: Sent) => void>();
    const watch: RunStore['watch'] = (topic, onChange) => {
      expect(topic).toEqual({ owner: 'me' });
      told.add(onChange);
      return { isLive: true, stop: () => void told.delete(onChange) };
    };
    const { owner, cancelled, messages } = ownerOf(Object.assign(store, { watch }), new ManualClock());
    owner.keep(owner.claim());
    owner.keep(owner.claim());
    expect(told.size).toBe(1);
    store.requests = [{ runId: 'run-1', reason: 'enough' }];
    const tell = async (sent?: Sent): Promise<void> => {
      for (const onChange of told) onChange(sent);
      await new Promise((resolve) => setImmediate(resolve));
    };
    await tell({ runId: 'run-2', what: 'message' });
    expect([messages.splice(0), cancelled.splice(0), store.asked.splice(0)]).toEqual([['run-2'], [], []]);
    await tell({ runId: 'run-1', what: 'cancel' });
    expect([messages.splice(0), cancelled.splice(0).length, store.asked.splice(0).length]).toEqual([[], 1, 1]);
    await tell();
    expect([messages.splice(0), cancelled.splice(0).length]).toEqual([[undefined], 1]);
    store.isFailing = true;
    await tell({ runId: 'run-1', what: 'cancel' });
    expect(cancelled).toEqual([]);
    owner.stop();
    expect(told.size).toBe(0);
    store.isFailing = false;
    owner.keep(owner.claim());
    await owner.close();
    expect(told.size).toBe(0);
  });
});

describe('a claim', () => {
  it('lasts as long as a lease from now on', () => {
    const { owner } = ownerOf(new AskedStore(), new ManualClock(1_000));
    expect(owner.claim()).toEqual({ claim: { owner: 'me', leaseMs: 30_000 }, madeAt: 1_000 });
  });

  it('never expires in a store that dies with its process', () => {
    const { owner } = ownerOf(new AskedStore(false), new ManualClock(1_000));
    expect(owner.claim().claim.leaseMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('carries the check for dead owners, if there is one', () => {
    const isGone = (): boolean => true;
    expect(ownerOf(new AskedStore(), new ManualClock(), isGone).owner.claim().claim.isGone).toBe(isGone);
    expect(claimOf('other', isGone)).toEqual({ owner: 'other', leaseMs: leaseMsDefault, isGone });
    expect('isGone' in claimOf('other')).toBe(false);
  });
});

describe('the lease', () => {
  it('is renewed three times while it lasts, and looked at for cancels every second between', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    const { owner } = ownerOf(store, clock);
    owner.keep(owner.claim());
    for (let second = 0; second < 30; second += 1) await clock.advance(1_000);
    expect(store.renewals).toEqual([10_000, 20_000, 30_000]);
    expect(store.asked).toHaveLength(30);
    expect(store.asked.filter((what) => what === 'look for me')).toHaveLength(27);
  });

  it('shorter than three seconds is renewed at every look', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    const setup = { clock, store: store as unknown as RunStore, leaseMs: 300, isGone: undefined };
    const owner = new Owner({ ...setup, id: 'me', onCancel: () => undefined, onMessage: () => undefined });
    owner.keep(owner.claim());
    for (let look = 0; look < 3; look += 1) await clock.advance(100);
    expect(store.asked).toEqual(['renew', 'renew', 'renew']);
  });

  it('is not renewed in a store that dies with its process', () => {
    const clock = new ManualClock();
    const { owner } = ownerOf(new AskedStore(false), clock);
    owner.keep(owner.claim());
    expect(clock.timerCount).toBe(0);
  });

  it('has one timer, however often it is kept', () => {
    const clock = new ManualClock();
    const { owner } = ownerOf(new AskedStore(), clock);
    owner.keep(owner.claim());
    owner.keep(owner.claim());
    expect(clock.timerCount).toBe(1);
  });

  it('is left alone once stopped, and kept again when asked', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    const { owner } = ownerOf(store, clock);
    owner.keep(owner.claim());
    owner.stop();
    owner.stop();
    await clock.advance(60_000);
    expect([store.asked, clock.timerCount]).toEqual([[], 0]);
    owner.keep(owner.claim());
    await clock.advance(1_000);
    expect(store.asked).toHaveLength(1);
  });

  it('stays stopped where the stop comes while the store is asked', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    const { promise, resolve } = Promise.withResolvers<readonly CancelRequest[]>();
    store.cancelRequests = () => promise;
    const { owner, cancelled } = ownerOf(store, clock);
    owner.keep(owner.claim());
    await clock.advance(1_000);
    owner.stop();
    resolve([cancelRequest]);
    await clock.advance(1_000);
    expect([cancelled, clock.timerCount]).toEqual([[cancelRequest], 0]);
  });

  it('is kept although the store fails, until it answers again', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    const { owner, cancelled } = ownerOf(store, clock);
    owner.keep(owner.claim());
    store.isFailing = true;
    await clock.advance(1_000);
    await clock.advance(1_000);
    store.isFailing = false;
    store.requests = [cancelRequest];
    await clock.advance(1_000);
    expect(store.asked).toHaveLength(3);
    expect(cancelled).toEqual([cancelRequest]);
  });
});

describe('the term of the lease', () => {
  it('stays the same while it is renewed in time', async () => {
    const clock = new ManualClock(1_000);
    const { owner } = ownerOf(new AskedStore(), clock);
    owner.keep(owner.claim());
    const { term } = owner;
    for (let second = 0; second < 100; second += 1) await clock.advance(1_000);
    expect(owner.term).toBe(term);
  });

  it.each([
    ['when it is claimed again', (owner: Owner) => owner.renew()],
    ['when another run is taken', async (owner: Owner) => owner.keep(owner.claim())],
  ])('changes once it has run out, and does not change back: %s', async (_when, claim) => {
    const clock = new ManualClock(1_000);
    const store = new AskedStore();
    store.isFailing = true;
    const { owner } = ownerOf(store, clock);
    owner.keep(owner.claim());
    const { term } = owner;
    await clock.advance(leaseMs - 1);
    expect(owner.term).toBe(term);
    await clock.advance(1);
    const next = owner.term;
    expect(next).not.toBe(term);
    store.isFailing = false;
    await claim(owner);
    expect(owner.term).toBe(next);
    expect(owner.term).not.toBe(term);
  });

  it('changes where it runs out while the store takes its time to renew it', async () => {
    const clock = new ManualClock(1_000);
    const store = new AskedStore();
    const { promise, resolve } = Promise.withResolvers<readonly CancelRequest[]>();
    store.renew = () => promise;
    const { owner } = ownerOf(store, clock);
    owner.keep(owner.claim());
    const { term } = owner;
    await clock.advance(leaseMs - 1);
    const renewed = owner.renew();
    await clock.advance(2);
    resolve([]);
    await renewed;
    expect(owner.term).not.toBe(term);
  });

  it('never ends in a store that dies with its process', async () => {
    const clock = new ManualClock(1_000);
    const { owner } = ownerOf(new AskedStore(false), clock);
    owner.keep(owner.claim());
    const { term } = owner;
    await clock.advance(10 * leaseMs);
    expect(owner.term).toBe(term);
  });
});

describe('a request to cancel', () => {
  it('is passed on from a look and from a renewal, as often as the store gives it', async () => {
    const clock = new ManualClock();
    const store = new AskedStore();
    store.requests = [cancelRequest, { runId: 'run-2', reason: undefined }];
    const { owner, cancelled } = ownerOf(store, clock);
    owner.keep(owner.claim());
    await clock.advance(1_000);
    expect(cancelled.map(({ runId }) => runId)).toEqual(['run-1', 'run-2']);
    await clock.advance(9_000);
    expect(store.asked).toEqual(['look for me', 'renew']);
    expect(cancelled).toHaveLength(4);
  });
});
