// A module of the user that keeps something for whoever imports it.
let calls = 0;
const cache = new Map<string, string>();

export function lookUp(id: string): string {
  calls += 1;
  if (!cache.has(id)) cache.set(id, `v${calls}`);
  return cache.get(id) as string;
}

export class Account {
  static #opened = 0;
  static count = 0;
  #balance = 0;
  add(): void {
    this.#balance += 1;
  }
  static open(): void {
    Account.#opened += 1;
  }
  get balance(): number {
    return this.#balance + Account.#opened;
  }
}
export const account = new Account();

let hidden = 0;
/** Only its method can reach `hidden`. */
export class Quiet {
  touch(): void {
    hidden += 1;
  }
  get hidden(): number {
    return hidden;
  }
}
