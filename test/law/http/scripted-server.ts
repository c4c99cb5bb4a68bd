// A server that answers as it is told, byte for byte, and waits for its client before each part: so what a client sees of
// a body does not depend on how busy the machine is.
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import type { BrotliCompress, Gzip, ZstdCompress } from 'node:zlib';
import type { Answer } from './answer-script.ts';

export class ScriptedServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts = new Map<
    string,
    { readonly answer: Answer; readonly isPaced: boolean; readonly parts: readonly Uint8Array[] }
  >();
  /** What is still to be sent, by path. */
  readonly #waiting = new Map<string, () => void>();
  requestCount = 0;

  private constructor() {
    this.#server = createServer((socket) => this.#connected(socket));
  }

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async add(path: string, answer: Answer, isPaced: boolean): Promise<void> {
    this.#scripts.set(path, { answer, isPaced, parts: await encodedParts(answer) });
  }

  /** The client has seen what was sent. */
  proceed(path: string): void {
    const next = this.#waiting.get(path);
    this.#waiting.delete(path);
    next?.();
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      const end = heard.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [method = '', target = ''] = heard.split(' ', 2);
      heard = heard.slice(end + 4);
      this.#answer(socket, method, target);
    });
  }

  #answer(socket: Socket, method: string, target: string): void {
    this.requestCount += 1;
    const path = target.replace(/^\/moved/, '');
    if (path !== target) {
      socket.write(`HTTP/1.1 302 Found\r\nLocation: ${path}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const script = this.#scripts.get(path);
    if (script === undefined) throw new Error(`no script for ${path}`);
    const steps = stepsOf(script.answer, script.parts, method);
    const play = (): void => {
      const step = steps.shift();
      if (step === undefined) return;
      step(socket);
      if (steps.length === 0) return;
      if (script.isPaced) this.#waiting.set(path, play);
      else setTimeout(play, 1);
    };
    play();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

type Step = (socket: Socket) => void;

function stepsOf(answer: Answer, encoded: readonly Uint8Array[], method: string): Step[] {
  const ending = endings[answer.end];
  if (answer.fails === 'before the head') return ending === undefined ? [] : [ending];
  if (answer.fails === 'in the head') return [(socket) => socket.write('HTP/1.1 nonsense\r\n\r\n')];
  const hasBody = method !== 'HEAD' && answer.status !== 204 && answer.status !== 304;
  const total = encoded.reduce((sum, part) => sum + part.byteLength, 0);
  const isWhole = answer.end === 'complete';
  const framing = !hasBody
    ? []
    : answer.framing === 'chunked'
      ? ['Transfer-Encoding: chunked']
      : answer.framing === 'length'
        ? [`Content-Length: ${isWhole ? total : total + 10}`]
        : ['Connection: close'];
  const coding = answer.coding === '' ? [] : [`Content-Encoding: ${answer.coding}`];
  const lines = [
    ...answer.interim.map((hint) => `HTTP/1.1 103 Early Hints\r\nLink: ${hint}\r\n`),
    `HTTP/1.1 ${answer.status} ${answer.statusText}`,
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    ...coding,
    ...framing,
    '\r\n',
  ];
  const head = lines.join('\r\n');
  const steps: Step[] = [(socket) => socket.write(head, 'latin1')];
  if (!hasBody) return steps;
  for (const part of encoded) steps.push((socket) => socket.write(answer.framing === 'chunked' ? chunk(part) : part));
  if (!isWhole) return ending === undefined ? steps : [...steps, ending];
  const trailers = answer.trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  if (answer.framing === 'chunked') steps.push((socket) => socket.write(`0\r\n${trailers}\r\n`, 'latin1'));
  if (answer.framing === 'close') steps.push((socket) => socket.end());
  return steps;
}

const endings: Readonly<Record<Answer['end'], Step | undefined>> = {
  complete: undefined,
  stall: undefined,
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
  nonsense: (socket) => socket.write('this is no chunk\r\n'),
};

function chunk(part: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
}

const encoders: Readonly<Record<Exclude<Answer['coding'], ''>, () => Gzip | BrotliCompress | ZstdCompress>> = {
  gzip: () => createGzip(),
  deflate: () => createDeflate(),
  br: () => createBrotliCompress(),
  zstd: () => createZstdCompress(),
};

/** Each part is flushed, so that it can be decoded before the next one comes. */
async function encodedParts({ coding, parts, end }: Answer): Promise<readonly Uint8Array[]> {
  if (coding === '') return parts.map((part) => Buffer.from(part));
  const encoder = encoders[coding]();
  const encoded: Buffer[] = [];
  for (const [index, part] of parts.entries()) {
    const taken: Buffer[] = [];
    encoder.on('data', (bytes: Buffer) => taken.push(bytes));
    if (index === parts.length - 1 && end === 'complete') {
      encoder.end(part);
      await finished(encoder);
    } else {
      encoder.write(part);
      await new Promise<void>((resolve) => encoder.flush(() => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
    }
    encoder.removeAllListeners('data');
    encoded.push(Buffer.concat(taken));
  }
  return encoded;
}
