import { createInterface } from 'node:readline/promises';

/** Asks the person at the terminal. An empty answer is the default. */
export class Questions implements Disposable {
  readonly #terminal = createInterface({ input: process.stdin, output: process.stderr });

  async text(question: string, byDefault: string): Promise<string> {
    const answer = await this.#terminal.question(`${question}${byDefault === '' ? '' : ` (${byDefault})`}: `);
    return answer.trim() === '' ? byDefault : answer.trim();
  }

  async isYes(question: string): Promise<boolean> {
    const answer = await this.#terminal.question(`${question} (Y/n)? `);
    return !/^\s*n/i.test(answer);
  }

  [Symbol.dispose](): void {
    this.#terminal.close();
  }
}
