// Stands in for a model that streams: the words of an answer, a few milliseconds apart.
const words = 'Streams are incremental , deterministic , durable and replayable .'.split(' ');

export async function* tokensOf(question: string): AsyncGenerator<string> {
  for (const word of [`${question}:`, ...words]) {
    await new Promise((resolve) => setTimeout(resolve, 3));
    yield `${word} `;
  }
}
