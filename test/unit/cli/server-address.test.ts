import { describe, expect, it } from 'vitest';
import { shownAddress } from '../../../cli/terminal/words/server-address.ts';

describe('the address of a server as it is shown', () => {
  it.each([
    ['postgres://ada:sesame@db.example/runs', 'postgres://ada@db.example/runs'],
    ['postgres://db.example/runs?password=sesame&schema=desk', 'postgres://db.example/runs?schema=desk'],
    [
      'postgres://db.example/runs?parts=https://s3.example/runs/of%20desk/&schema=desk',
      'postgres://db.example/runs?schema=desk&parts=https://s3.example/runs/of%20desk/',
    ],
    ['postgres://db.example/runs?parts=https://id:sesame@s3.example/runs', 'postgres://db.example/runs?parts=…'],
    ['postgres://ada:ses ame@:x', 'postgres://…'],
  ])('%s', (address, shown) => expect(shownAddress(address)).toBe(shown));
});
