import { setTimeout as wait } from 'node:timers/promises';
import { listeningAt } from './loopback.ts';

const url = await listeningAt((request, response) => {
  const [, ms, path, status] = /^\/(\d+)\/(\w+)\/(\d+)$/.exec(request.url ?? '') ?? [];
  void wait(Number(ms)).then(() => response.writeHead(Number(status)).end(path));
});

/** Asks a real server, which answers with this text after so many milliseconds. */
export async function answerAfter(ms: number, text: string, status = 200, init: RequestInit = {}): Promise<string> {
  const response = await fetch(`${url}/${ms}/${text}/${status}`, init);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}

/** The same, and nobody reads the body. */
export async function statusAfter(ms: number): Promise<number> {
  const { status } = await fetch(`${url}/${ms}/unread/200`);
  return status;
}
