/** Backpressure from readers: while there is no room, a node waits before it is asked for its next chunk. */
export interface ReaderGate {
  /** Undefined if there is room for a chunk, otherwise a promise after which to ask again. */
  room(): Promise<void> | undefined;
  /** Counts a chunk that a node gave. */
  gave(): void;
}
