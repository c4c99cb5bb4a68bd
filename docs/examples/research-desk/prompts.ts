// The desk's prompts, and how it parses the answers.
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import { complete, lookUp } from './model.ts';

export interface Finding {
  readonly topic: string;
  readonly text: string;
}

const topicList = { type: 'object', properties: { topics: { type: 'array', items: { type: 'string' } } } };
const study: ChatCompletionTool = { type: 'function', function: { name: 'study', parameters: topicList } };
const askForMore: ChatCompletionTool = { type: 'function', function: { name: 'ask_for_more' } };

export async function plan(question: string, findings: readonly Finding[]) {
  const prompt = ['Which topics are left to study?', `Question: ${question}`, ...findings.map(findingLine)];
  const { toolArguments, tokens } = await complete(prompt, [study]);
  const { topics } = JSON.parse(toolArguments) as { topics: string[] };
  return { topics, tokens };
}

export async function research(topic: string) {
  const facts = await lookUp(topic);
  const prompt = ['Sum up what is known.', `Topic: ${topic}`, ...facts.map((fact) => `Fact: ${fact}`)];
  const { text, tokens } = await complete(prompt);
  return { finding: { topic, text }, tokens };
}

export async function write(
  question: string,
  findings: readonly Finding[],
  { mayAskForMore }: { readonly mayAskForMore: boolean },
) {
  const prompt = ['Answer from the findings.', `Question: ${question}`, ...findings.map(findingLine)];
  const { text, toolName, tokens } = await complete(prompt, mayAskForMore ? [askForMore] : []);
  return { answer: text, isComplete: toolName === '', tokens };
}

function findingLine({ text }: Finding): string {
  return `Finding: ${text}`;
}
