// A small page as an application has it: it asks a model and shows the text of its answer as it comes.
//   ?recorded    a worker in the page answers in place of the model
//   ?ask=<url>   where it asks
import { setupWorker } from 'msw/browser';
import { bridgeHandlers } from 'reprise/msw/browser';

const given = new URLSearchParams(location.search);

async function showAnswer(): Promise<void> {
  if (given.has('recorded')) await setupWorker(...bridgeHandlers('/recorded', /\/v1\//)).start({ quiet: true });
  const response = await fetch(given.get('ask') ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-page' },
    body: JSON.stringify({
      model: 'gpt-4.1-nano',
      messages: [{ role: 'user', content: given.get('question') }],
      stream: true,
    }),
  });
  const output = document.querySelector('output') as HTMLOutputElement;
  const body = response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
  let rest = '';
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + part).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) output.textContent += textIn(event);
  }
}

function textIn(event: string): string {
  const { choices } = JSON.parse(event.slice('data: '.length)) as {
    readonly choices: readonly { readonly delta: { readonly content?: string } }[];
  };
  return choices[0]?.delta.content ?? '';
}

showAnswer().then(
  () => document.body.setAttribute('data-ended', 'well'),
  (error: unknown) => document.body.setAttribute('data-ended', String(error)),
);
