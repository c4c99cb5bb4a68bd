import { DatabaseSync } from 'node:sqlite';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a database numbers its rows, which no watch sees',
  rung: 'pairs',
  depth: 1,
  make() {
    const database = new DatabaseSync(':memory:');
    database.exec('create table found (id integer primary key, name text)');
    const insert = database.prepare('insert into found (name) values (?)');
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        return `${id} ${insert.run(id).lastInsertRowid}`;
      },
    });
  },
};
