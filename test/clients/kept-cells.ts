// Results of the matrix on disk, one file for each client, so that an interruption loses at most one client.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from './matrix.ts';

export class KeptCells {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(client: string): boolean {
    return existsSync(this.#path(client));
  }

  cells(client: string): readonly Cell[] {
    return this.has(client) ? (JSON.parse(readFileSync(this.#path(client), 'utf8')) as readonly Cell[]) : [];
  }

  /** Replaces what was known of these situations, and keeps the rest. */
  put(client: string, cells: readonly Cell[]): void {
    const fresh = new Set(cells.map(({ situation }) => situation));
    const rest = this.cells(client).filter(({ situation }) => !fresh.has(situation));
    const path = this.#path(client);
    writeFileSync(`${path}.new`, JSON.stringify([...rest, ...cells], undefined, 1));
    renameSync(`${path}.new`, path);
  }

  #path(client: string): string {
    return join(this.#folder, `${client.replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
  }
}
