import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

const folder = mkdtempSync(join(tmpdir(), 'reprise-planted-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

export const plant: Plant = {
  title: 'tasks append to one file, which no watch sees',
  rung: 'pairs',
  depth: 1,
  make() {
    count += 1;
    const log = join(folder, `log-${count}`);
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        appendFileSync(log, id);
        return id;
      },
      after() {
        const written = readFileSync(log, 'utf8');
        rmSync(log);
        return written;
      },
    });
  },
};
