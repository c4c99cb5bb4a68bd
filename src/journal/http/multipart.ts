// Splits multipart bodies (RFC 7578 over RFC 2046). Only to compare requests: a malformed body does not count as
// multipart, and is compared by its bytes.
export interface MultipartPart {
  readonly name: string;
  readonly filename?: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const partCountMax = 10_000;

/**
 * The boundary that a content type names, if it is a multipart one. A form is sent under other types too, by clients whose
 * own default they keep; then its first line tells.
 */
export function multipartBoundary(contentType: string, body: Uint8Array | string): string | undefined {
  const match = /^multipart\/[^;]+;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? firstBoundary(body);
}

const beginMax = 300;

function firstBoundary(body: Uint8Array | string): string | undefined {
  const isForm = typeof body === 'string' ? body.startsWith('--') : body[0] === 0x2d && body[1] === 0x2d;
  if (!isForm) return undefined;
  const begin =
    typeof body === 'string' ? body.slice(0, beginMax) : Buffer.from(body.subarray(0, beginMax)).toString('latin1');
  return /^--([^\r\n]{1,200})\r\nContent-Disposition: *form-data;/i.exec(begin)?.[1];
}

/** The parts in the order in which they were sent; `undefined` if the body is not well-formed. */
export function splitMultipart(body: Uint8Array, boundary: string): readonly MultipartPart[] | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const between = Buffer.from(`\r\n--${boundary}`, 'latin1');
  if (!bytes.subarray(0, delimiter.length).equals(delimiter)) return undefined;
  const parts: MultipartPart[] = [];
  let offset = delimiter.length;
  while (parts.length <= partCountMax) {
    if (bytes.toString('latin1', offset, offset + 2) === '--') return parts;
    if (bytes.toString('latin1', offset, offset + 2) !== '\r\n') return undefined;
    const end = bytes.indexOf(between, offset);
    if (end < 0) return undefined;
    const part = readPart(bytes.subarray(offset + 2, end));
    if (part === undefined) return undefined;
    parts.push(part);
    offset = end + between.length;
  }
  return undefined;
}

function readPart(bytes: Buffer): MultipartPart | undefined {
  const headerEnd = bytes.indexOf('\r\n\r\n');
  if (headerEnd < 0) return undefined;
  const headers = new Map(
    bytes
      .toString('utf8', 0, headerEnd)
      .split('\r\n')
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const filename = parameterOf(disposition, 'filename');
  return {
    name: parameterOf(disposition, 'name') ?? '',
    ...(filename === undefined ? {} : { filename }),
    contentType: headers.get('content-type') ?? '',
    body: bytes.subarray(headerEnd + 4),
  };
}

function parameterOf(disposition: string, name: string): string | undefined {
  return new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(disposition)?.[1];
}
