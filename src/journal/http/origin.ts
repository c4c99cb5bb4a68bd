// Where a request goes, as far as it identifies the request: an alias, this machine, a Unix socket, or the origin itself.

/** How a Unix socket stands among origins: `unix:/var/run/docker.sock`. */
export const socketScheme = 'unix:';

/** The origin of a request by its alias. All TCP ports of this machine are one origin, since services move between them. */
export function originAlias(
  url: URL,
  origins: Readonly<Record<string, readonly string[]>>,
  socketPath: string | undefined,
): string {
  const origin =
    socketPath !== undefined
      ? socketScheme + socketPath
      : url.origin === 'null'
        ? `${url.protocol}//${url.host}`
        : url.origin;
  for (const [alias, members] of Object.entries(origins))
    if (members.some((member) => normalized(member) === origin)) return alias;
  return socketPath === undefined && isLoopback(url.hostname) ? 'loopback' : origin;
}

function normalized(member: string): string {
  return member.startsWith(socketScheme) || !URL.canParse(member) ? member : new URL(member).origin;
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname) ||
    hostname === '[::1]'
  );
}
