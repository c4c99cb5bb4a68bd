// A server that speaks as much of S3 as a part store needs, and believes no signature that it has not made itself.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorization } from '../../src/store/parts/s3-signature.ts';

export const s3Keys = { accessKeyId: 'the-id', secretAccessKey: 'the/secret+key', region: 'eu-central-1' };

export interface S3Server {
  readonly endpoint: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  close(): Promise<void>;
}

function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const { method = '', url = '', headers } = request;
  const payload = createHash('sha256').update(body).digest('hex');
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  if (headers['x-amz-content-sha256'] !== payload || !signed.includes('host')) return false;
  const own = signed.filter((name) => name !== 'host').map((name) => [name, String(headers[name])]);
  const address = new URL(url, `http://${headers.host}`);
  const given = { method, url: address, headers: Object.fromEntries(own) as Record<string, string>, payload };
  return headers.authorization === authorization(given, s3Keys, String(headers['x-amz-date']));
}

export async function startS3(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const path = decodeURIComponent(request.url ?? '');
    if (!isSigned(request, body)) {
      response.writeHead(403).end('<Code>SignatureDoesNotMatch</Code>');
      return;
    }
    if (path.startsWith('/nobodys/')) {
      response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>');
      return;
    }
    const found = objects.get(path);
    if (request.method === 'PUT') {
      objects.set(path, body);
      response.writeHead(200).end();
    } else if (request.method === 'DELETE') {
      objects.delete(path);
      response.writeHead(204).end();
    } else if (found === undefined) response.writeHead(404).end('<Code>NoSuchKey</Code>');
    else response.writeHead(200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
