import { describe, expect, it } from 'vitest';
import { importCircles, needlessInnerExceptions, upwardInnerImports } from './inner-rooms.ts';
import type { InnerRooms } from './rules.ts';
import { sourcesOf } from './sources-of.ts';

describe('the order inside a room', () => {
  const shop: InnerRooms = { room: 'src/shop/', levels: ['*', 'till/', ['door.ts', 'window/']] };
  const withException = { ...shop, exceptions: [{ path: 'src/shop/till/', why: 'it is old' }] };

  it('lets no import point up, not even for a type', () => {
    const sources = sourcesOf({
      'src/shop/price.ts': `import type { Door } from './door.ts';`,
      'src/shop/till/a.ts': `import { price } from '../price.ts';\nimport { open } from '../window/open.ts';`,
      'src/shop/door.ts': `import { open } from './window/open.ts';\nimport { a } from './till/a.ts';`,
      'src/shop/window/open.ts': `type Door = import('../door.ts').Door;`,
      'src/bank/b.ts': `import { door } from '../shop/door.ts';`,
    });
    expect(upwardInnerImports(sources, [shop])).toEqual([
      'src/shop/price.ts:1 imports src/shop/door.ts: it points up in the order of src/shop/',
      'src/shop/till/a.ts:2 imports src/shop/window/open.ts: it points up in the order of src/shop/',
    ]);
    expect(upwardInnerImports(sources, [withException])).toHaveLength(1);
  });

  it('has a place for every file', () => {
    const sources = sourcesOf({ 'src/shop/a.ts': '', 'src/shop/cellar/b.ts': '', 'src/bank/c.ts': '' });
    const placeless = 'src/shop/cellar/b.ts has no level in src/shop/: give it its place in the order';
    expect(upwardInnerImports(sources, [shop])).toEqual([placeless]);
    expect(upwardInnerImports(sources, [{ ...shop, levels: ['cellar/'] }])).toEqual([
      'src/shop/a.ts has no level in src/shop/: give it its place in the order',
    ]);
  });

  it('keeps no exception that is not needed', () => {
    const upward = sourcesOf({ 'src/shop/till/a.ts': `import '../door.ts';` });
    const downward = sourcesOf({ 'src/shop/till/a.ts': `import '../price.ts';` });
    expect(needlessInnerExceptions(upward, [withException])).toEqual([]);
    expect(needlessInnerExceptions(downward, [withException])).toEqual([
      'src/shop/till/ has an exception from the order of src/shop/ and keeps to it',
    ]);
  });
});

describe('a circle of imports', () => {
  const ring = {
    'src/base/a.ts': `import { b } from './b.ts';`,
    'src/base/b.ts': `export { c } from './c.ts';`,
    'src/base/c.ts': `import type { a } from './a.ts';\nimport { gone } from './gone.ts';`,
    'src/base/d.ts': `import { a } from './a.ts';`,
  };

  it('is found by whatever imports it is made of, and named by them', () => {
    expect(importCircles(sourcesOf(ring))).toEqual([
      'src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts is a circle',
    ]);
  });

  it('is named once, by the shortest way round', () => {
    const sources = sourcesOf({
      ...ring,
      'src/base/c.ts': `import './a.ts';\nimport './d.ts';`,
      'src/base/d.ts': `type C = import('./c.ts').C;`,
      'src/graph/e.ts': `import './e.ts';\nimport '../base/a.ts';`,
    });
    expect(importCircles(sources)).toEqual([
      'src/base/c.ts → src/base/d.ts → src/base/c.ts is a circle in a tangle of 4 files',
      'src/graph/e.ts → src/graph/e.ts is a circle',
    ]);
  });
});
