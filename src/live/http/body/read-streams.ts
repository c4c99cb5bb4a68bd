interface Piped {
  readonly readableLength?: number;
  readonly writableLength?: number;
  readonly _readableState?: { readonly pipes?: readonly Piped[] };
}

const pipeDepthMax = 10;

/** Whether nothing is left of what a stream was given: in itself, nor in the streams that it is piped to. */
export function isRead(stream: Piped | null | undefined, depth = 0): boolean {
  if (stream === undefined || stream === null || depth > pipeDepthMax) return true;
  if ((stream.readableLength ?? 0) > 0 || (depth > 0 && (stream.writableLength ?? 0) > 0)) return false;
  return (stream._readableState?.pipes ?? []).every((next) => isRead(next, depth + 1));
}
