// How the other end of a call is named.

/** Host and port, or path, as the arguments of `connect` name them. */
export function target(given: readonly unknown[]): string {
  // `net.connect` passes its arguments on as one normalized list.
  const first = Array.isArray(given[0]) ? (given[0] as readonly unknown[])[0] : given[0];
  if (typeof first === 'object' && first !== null && !(first instanceof URL)) {
    const { host, port, path, socket } = first as Readonly<Record<'host' | 'port' | 'path' | 'socket', unknown>>;
    if (port === undefined && path === undefined && typeof socket === 'object') return 'the other end of a socket';
    return path !== undefined && port === undefined ? show(path) : `${show(host ?? 'localhost')}:${show(port)}`;
  }
  return typeof given[1] === 'string' ? `${show(given[1])}:${show(first)}` : show(first);
}

export function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || value instanceof URL ? String(value) : typeof value;
}

/** Host and port of an address that may be a URL. */
export function hostOf(address: unknown): string {
  const text = show(address);
  const { hostname = '', port, protocol } = URL.parse(text) ?? {};
  return hostname === '' ? text : `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

export function byteCount(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  if (ArrayBuffer.isView(chunk)) return chunk.byteLength;
  return 0;
}
