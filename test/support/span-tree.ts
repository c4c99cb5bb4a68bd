// Spans of the SDK's exporter as the tree that they are, for tests that look at nesting, times and attributes.
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

export interface SpanNode {
  readonly name: string;
  readonly span: ReadableSpan;
  readonly attributes: ReadableSpan['attributes'];
  /** In milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  readonly children: readonly SpanNode[];
}

export function memoryTracing(): {
  readonly exporter: InMemorySpanExporter;
  readonly tracerProvider: BasicTracerProvider;
} {
  const exporter = new InMemorySpanExporter();
  return { exporter, tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }) };
}

/** The spans without a parent among them, each with all below it, in the order of their keys, or else of their begin. */
export function spanTrees(spans: readonly ReadableSpan[]): readonly SpanNode[] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const below = (id: string | undefined): readonly SpanNode[] =>
    spans
      .filter(({ parentSpanContext: parent }) =>
        id === undefined ? parent === undefined || !ids.has(parent.spanId) : parent?.spanId === id,
      )
      .map((span) => ({
        name: span.name,
        span,
        attributes: span.attributes,
        began: milliseconds(span.startTime),
        ended: milliseconds(span.endTime),
        children: below(span.spanContext().spanId),
      }))
      .sort((left, right) => keyOf(left).localeCompare(keyOf(right)) || left.began - right.began);
  return below(undefined);
}

export function allSpans(nodes: readonly SpanNode[]): readonly SpanNode[] {
  return nodes.flatMap((node) => [node, ...allSpans(node.children)]);
}

/** One line a span, indented by its depth, with what `more` says of it. */
export function treeText(nodes: readonly SpanNode[], more: (node: SpanNode) => string = () => '', depth = 0): string {
  return nodes
    .map((node) => `${`${'  '.repeat(depth)}${node.name}${more(node)}`}\n${treeText(node.children, more, depth + 1)}`)
    .join('');
}

function keyOf({ attributes }: SpanNode): string {
  return String(attributes['reprise.task.key'] ?? attributes['reprise.step.key'] ?? '');
}

function milliseconds([seconds, nanoseconds]: ReadableSpan['startTime']): number {
  return seconds * 1_000 + Math.round(nanoseconds / 1_000_000);
}
