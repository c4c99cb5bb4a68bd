// A function of a serverless platform: an engine for each request, in a process that serves many.
import { createEngine } from 'reprise';
import { httpEffects } from 'reprise/http';
import { desk } from './desk.mjs';

export async function handler({ url }) {
  const engine = createEngine(desk, { effects: [httpEffects()] });
  try {
    const { answer } = await engine.run({ url }).orThrow();
    return { statusCode: 200, body: answer };
  } finally {
    await engine.close();
  }
}
