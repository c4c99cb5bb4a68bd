import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

class LineParser {
  #left = '';
  push(part: string): string[] {
    const lines = `${this.#left}${part}`.split('\n');
    this.#left = lines.pop() ?? '';
    return lines;
  }
}

export const plant: Plant = {
  title: 'the parts of two streams go through one parser',
  rung: 'pairs',
  depth: 1,
  variable: 'parser',
  make() {
    const parser = new LineParser();
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, effect }) {
        const lines: string[] = [];
        for (const part of ['one ', 'two\n', 'three\n'])
          lines.push(...parser.push(await effect('part', { id, part }, () => `${id}:${part}`)));
        return lines.join('|');
      },
    });
  },
};
