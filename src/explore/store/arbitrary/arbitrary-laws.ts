// Laws that try arbitrary cases, and shrink those that fail.
import { loadFastCheck } from '../../fast-check.ts';
import { arbitraryEntries } from './arbitrary-entries.ts';
import { assertJournal } from '../law-assert.ts';
import { runEntry } from '../law-entries.ts';
import { noOptions, checkOptions } from '../../../base/options/option-shape.ts';
import { inPlace, lawOptions } from '../store-law.ts';
import type { LawOptions, StoreLaw } from '../store-law.ts';
import { StoreModel, arbitraryOperations } from './store-model.ts';

export const arbitraryLaws: readonly StoreLaw[] = [
  {
    name: 'a journal is read as it was written, however it was batched',
    async check(newPlace, options) {
      const fc = loadFastCheck();
      const batches = fc.array(fc.array(arbitraryEntries(fc), { maxLength: 4 }), { maxLength: 6 });
      const property = fc.asyncProperty(batches, batches, ([first = []], written) =>
        inPlace(newPlace, async (place) => {
          const store = place.connect();
          const run = runEntry('run-1');
          const lease = await store.create(run, first);
          for (const batch of written) await store.append(lease, batch);
          await assertJournal(place.connect(), 'run-1', [run, ...first, ...written.flat()]);
        }),
      );
      await fc.assert(property, parameters(options));
    },
  },
  {
    name: 'any operations of several owners over two connections agree with the model',
    async check(newPlace, options) {
      const fc = loadFastCheck();
      const property = fc.asyncProperty(arbitraryOperations(fc), (operations) =>
        inPlace(newPlace, async (place) => {
          const stores = [place.connect(), place.connect()] as const;
          const model = new StoreModel(place.time);
          for (const operation of operations) await model.check(stores[operation.connection as 0 | 1], operation);
          for (const store of stores) await model.checkAll(store);
          for (const store of stores) await store.close();
        }),
      );
      await fc.assert(property, parameters(options));
    },
  },
];

function parameters(options: LawOptions = noOptions): { readonly numRuns: number; readonly seed?: number } {
  checkOptions(lawOptions, options);
  const { numRuns = 100, seed } = options;
  return { numRuns, ...(seed === undefined ? {} : { seed }) };
}
