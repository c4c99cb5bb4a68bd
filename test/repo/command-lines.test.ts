import { expect, it } from 'vitest';
import { textFiles, textOf } from './repository.ts';

const names = textFiles()
  .map((path) => /^cli\/command\/(?:[a-z]+\/)?([a-z]+)\.ts$/.exec(path)?.[1])
  .filter((name) => name !== undefined && name !== 'command');
const line = new RegExp(String.raw`(?<!npx )(?<![\w/'-])reprise (?:${names.join('|')})\b`);

/** A command that only `npx` finds is not found when it is pasted as it stands. */
it('what is printed to be typed begins with npx', () => {
  expect(names).toContain('replay');
  const bare = textFiles()
    .filter((path) => /^(?:src|cli)\/.*\.ts$/.test(path))
    .flatMap((path) =>
      textOf(path)
        .split('\n')
        .map((text, index) => ({ text, place: `${path}:${index + 1}` })),
    )
    .filter(({ text }) => !/^\s*(?:\/\/|\/?\*)/.test(text) && line.test(text));
  expect(bare.map(({ place }) => place)).toEqual([]);
});
