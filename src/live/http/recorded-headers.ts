// Which headers of an answer are recorded: those that code acts on. All others (dates, request ids, headers of proxies)
// differ in every recording and say nothing about the run.
const recordedNames = new Set(['content-type', 'location', 'link', 'retry-after', 'retry-after-ms', 'x-should-retry']);
const rateLimit = /^(?:x-|anthropic-)?ratelimit-/;

export function recordedHeaders(
  headers: Iterable<readonly [string, string]>,
  moreNames: readonly string[],
): Readonly<Record<string, string>> {
  const more = new Set(moreNames.map((name) => name.toLowerCase()));
  const recorded: Record<string, string> = {};
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (!recordedNames.has(name) && !rateLimit.test(name) && !more.has(name)) continue;
    recorded[name] = recorded[name] === undefined ? value : `${recorded[name]}, ${value}`;
  }
  return recorded;
}
