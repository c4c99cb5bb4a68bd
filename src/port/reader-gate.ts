/** Readers that hold nodes back: where there is no room, a node waits before it is asked for its next chunk. */
export interface ReaderGate {
  /** Undefined where there is room for a chunk, else a promise after which to ask again. */
  room(): Promise<void> | undefined;
  /** A chunk was given. */
  gave(): void;
}
