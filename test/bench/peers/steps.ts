// How many trivial steps a second: what a step costs where its node costs nothing.
import { memoryStore } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { runOn, trivial } from './ours.ts';
import { peer } from './peer.ts';
import { heading, line, newFile, perSecond, ranged } from './table.ts';

const count = 3_000;

heading('Trivial steps a second, 3,000 in a run');
line(
  'in memory',
  ranged(await perSecond(count, () => runOn(trivial(count), {}, memoryStore()))),
  ranged(await perSecond(count, () => peer.trivial(count))),
);
line(
  'SQLite',
  ranged(await perSecond(count, () => runOn(trivial(count), {}, sqliteStore(newFile())))),
  ranged(await perSecond(count, () => peer.trivial(count, newFile()))),
);
