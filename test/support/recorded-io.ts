import type { CliIo } from '../../cli/terminal/io.ts';

/** A terminal that keeps what is printed, and that a test can interrupt. */
export class RecordedIo implements CliIo {
  out = '';
  talk = '';
  readonly cwd: string;
  readonly isTty = false;
  readonly #listeners = new Set<() => void>();
  #activity = '';

  constructor(cwd: string) {
    this.cwd = cwd;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener();
  }

  writeOut(text: string): void {
    this.out += text;
  }

  writeTalk(text: string): void {
    this.talk += text;
  }

  redrawTalk(): void {}

  onInterrupt(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => void this.#listeners.delete(callback);
  }

  setActivity(activity: string): void {
    this.#activity = activity;
  }

  activity(): string {
    return this.#activity;
  }
}
