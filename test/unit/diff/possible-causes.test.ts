import { describe, expect, it } from 'vitest';
import { causesOfReplay, causesOfRuns } from '../../../src/diff/cause/possible-causes.ts';

const recorded = { node: '22.18.0', platform: 'linux', timeZone: 'UTC', locale: 'en-US' };
const replayed = { recorded, now: recorded, notes: [], isRedacted: false };

describe('what may be behind a divergence', () => {
  it('names each of the surroundings that differs, and no other', () => {
    expect(causesOfReplay(replayed).different).toEqual([]);
    const now = { node: '24.1.0', platform: 'linux', timeZone: 'Asia/Kathmandu', locale: 'ne' };
    expect(causesOfReplay({ ...replayed, now }).different).toEqual([
      'Node (24.1.0, recorded 22.18.0)',
      'the time zone (Asia/Kathmandu, recorded UTC)',
      'the locale (ne, recorded en-US)',
    ]);
  });

  it('is everything that a process can read, if the recording does not say where it was made', () => {
    const { different, unknown } = causesOfReplay({ ...replayed, recorded: undefined });
    expect(different).toEqual([]);
    expect(unknown).toEqual([
      'the clock',
      'a random number',
      'the order of answers',
      'Node or the time zone',
      'an environment variable',
      "a module's cache",
      'a file or database',
    ]);
  });

  it('puts a reading that was made up first where the values look like one, and last where they do not', () => {
    const made = expect.stringContaining('which the replay made up') as string;
    expect(causesOfReplay({ ...replayed, madeUp: 'likely' }).unknown[0]).toEqual(made);
    expect(causesOfReplay({ ...replayed, madeUp: 'unlikely' }).unknown.at(-1)).toEqual(made);
    expect(causesOfReplay(replayed).unknown).not.toContainEqual(made);
  });

  it('leaves out what a recording with surroundings holds, and adds what it notes', () => {
    expect(
      causesOfReplay({ ...replayed, notes: ['a query of pg was not recorded'], isRedacted: true }).unknown,
    ).toEqual([
      'a query of pg was not recorded',
      'a redacted value',
      'an environment variable',
      "a module's cache",
      'a file or database',
    ]);
  });

  it('of two runs is also their seed, unless they share it', () => {
    const run = (seed: string, timeZone: string) => ({ seed, observed: { surroundings: { ...recorded, timeZone } } });
    expect(causesOfRuns(run('a', 'UTC'), run('b', 'CET')).different).toEqual([
      'the time zone (CET, recorded UTC)',
      'the seed of their draws',
    ]);
    expect(causesOfRuns(run('a', 'UTC'), run('a', 'UTC')).different).toEqual([]);
  });

  it('may be a random value that a fixture replaces', () => {
    const { unknown } = causesOfReplay({ ...replayed, hasOtherRandomValues: true });
    expect(unknown[0]).toBe('a random value of `crypto`, which a fixture replaces');
    expect(causesOfReplay(replayed).unknown.join()).not.toContain('crypto');
  });
});
