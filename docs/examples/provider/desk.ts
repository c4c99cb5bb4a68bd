// The model of the research desk. Its answers depend only on its prompt: which topics a question has, which facts are
// known about a topic, and whether the findings cover the question.
import { textChunks, toolCallChunks } from './chat-chunk.ts';
import type { ChatRequest } from './chat-completions.ts';
import { providerStream } from './provider-stream.ts';

export const deskModel = 'gpt-4.1-mini';

const topicCountMax = 3;

export function answerOfDesk(request: ChatRequest): readonly string[] {
  const prompt = request.messages.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n');
  const tools = request.tools?.map((tool) => tool.function?.name) ?? [];
  const [topic] = valuesOf('Topic', prompt);
  if (topic !== undefined) return textChunks(request, `${topic}: ${valuesOf('Fact', prompt).join(' ')}`);
  const [question = ''] = valuesOf('Question', prompt);
  const findings = valuesOf('Finding', prompt);
  const missing = topicsOf(question).filter((name) => !findings.some((finding) => finding.startsWith(`${name}:`)));
  if (tools.includes('study')) return toolCallChunks(request, 'study', { topics: missing.slice(0, topicCountMax) });
  if (tools.includes('ask_for_more') && missing.length > 0) return toolCallChunks(request, 'ask_for_more', { missing });
  if (/\bholiday\b/i.test(question)) return providerStream('openai-chat-text');
  return textChunks(request, `What is known of "${question}"\n\n${findings.join('\n')}`);
}

/** What another source knows about a topic. */
export function factsOf(topic: string): readonly string[] {
  const rarity = topic.length % 2 === 0 ? 'Few' : 'Most';
  return [`${rarity} people meet it before they are ${topic.length}.`, `It was first written of as "${topic}".`];
}

/** The distinct long words of a question, which are worth researching more than the short ones. */
function topicsOf(question: string): readonly string[] {
  return [...new Set(question.toLowerCase().match(/\p{L}{6,}/gu) ?? [])];
}

/** The values of the `Name: value` lines of a prompt. */
function valuesOf(name: string, prompt: string): readonly string[] {
  const lines = prompt.split('\n').filter((line) => line.startsWith(`${name}: `));
  return lines.map((line) => line.slice(name.length + 2));
}
