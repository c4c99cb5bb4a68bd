// A route handler: an engine for each request, and a recorded run that is replayed.
import { createEngine } from 'reprise';
import { httpEffects } from 'reprise/http';
import { check, desk } from '../../../desk.mjs';

export const dynamic = 'force-dynamic';

export async function POST(request) {
  const { url } = await request.json();
  await using engine = createEngine(desk, { effects: [httpEffects()] });
  const { answer } = await engine.run({ url }).orThrow();
  return Response.json({ answer });
}

export async function GET() {
  return new Response(await check());
}
