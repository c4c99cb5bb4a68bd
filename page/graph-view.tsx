// The graph, laid out from top to bottom, with the path that the run took.
import { graphlib, layout } from '@dagrejs/dagre';
import { useMemo } from 'preact/hooks';
import type { PageRun } from '../src/report/page/page-model.ts';

interface Box {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isDashed: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const start = '\u0000start';

function laidOut(run: PageRun): {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
} {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 38, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(run.graph.nodes.map(({ name }) => name));
  graph.setNode(start, { width: 12, height: 12 });
  for (const name of known)
    graph.setNode(name, { width: Math.min(220, Math.max(72, name.length * 8 + 52)), height: 34 });
  const edges: { from: string; to: string; label: string; isDashed: boolean }[] = [
    { from: start, to: run.graph.start, label: '', isDashed: false },
  ];
  for (const edge of run.graph.edges) {
    if (edge.kind === 'join')
      for (const from of edge.from) edges.push({ from, to: edge.to, label: 'all', isDashed: false });
    else
      edges.push({
        from: edge.from,
        to: edge.to,
        label: edge.label ?? (edge.conditional ? 'if' : ''),
        isDashed: edge.conditional,
      });
  }
  for (const { name, onError } of run.graph.nodes)
    if (onError !== undefined) edges.push({ from: name, to: onError, label: 'on error', isDashed: true });
  const declared = new Set(edges.map(({ from, to }) => `${from}\u0000${to}`));
  for (const pair of takenPairs(run)) {
    const [from = '', to = ''] = pair.split('\u0000');
    if (!declared.has(pair)) edges.push({ from, to, label: '', isDashed: true });
  }
  const drawn = edges.filter(({ from, to }) => (from === start || known.has(from)) && known.has(to));
  for (const [place, edge] of drawn.entries()) graph.setEdge(edge.from, edge.to, {}, String(place));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: [start, ...known].map((name) => ({ name, ...(graph.node(name) as Omit<Box, 'name'>) })),
    lines: drawn.map((edge, place) => ({
      ...edge,
      points: (graph.edge(edge.from, edge.to, String(place)) as Line).points,
    })),
  };
}

/** Which node came after which: by the routes that nodes returned, and by the steps that followed each other. */
function takenPairs({ tasks, graph }: PageRun): ReadonlySet<string> {
  const pairs = new Set<string>();
  const byStep = new Map<number, Set<string>>();
  for (const task of tasks) {
    if (task.depth > 0) continue;
    const nodes = byStep.get(task.step);
    if (nodes === undefined) byStep.set(task.step, new Set([task.node]));
    else nodes.add(task.node);
    const routes = task.attempts.at(-1)?.routes;
    if (Array.isArray(routes))
      for (const route of routes as readonly { readonly node?: string }[])
        if (route.node !== undefined) pairs.add(`${task.node}\u0000${route.node}`);
  }
  const declared = graph.edges.flatMap((edge) =>
    edge.kind === 'edge' ? [[edge.from, edge.to]] : edge.from.map((from) => [from, edge.to]),
  );
  for (const [step, nodes] of byStep)
    for (const [from = '', to = ''] of declared)
      if (nodes.has(from) && byStep.get(step + 1)?.has(to) === true) pairs.add(`${from}\u0000${to}`);
  return pairs;
}

export function GraphView({
  run,
  node,
  at,
  isWrong,
  onNode,
}: {
  readonly run: PageRun;
  readonly node: string;
  readonly at: string;
  readonly isWrong: (node: string) => boolean;
  readonly onNode: (node: string) => void;
}) {
  const { boxes, lines, width, height } = useMemo(() => laidOut(run), [run]);
  const taken = useMemo(() => takenPairs(run), [run]);
  const counts = useMemo(() => {
    const counted = new Map<string, number>();
    for (const task of run.tasks) if (task.depth === 0) counted.set(task.node, (counted.get(task.node) ?? 0) + 1);
    return counted;
  }, [run]);
  const nodes = boxes.filter(({ name }) => name !== start);
  return (
    <div class="graph">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ maxWidth: `${width}px` }}
        role="group"
        aria-label="Graph with the path that was taken"
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.5 L8 4 L0 7.5 z" />
          </marker>
        </defs>
        {lines.map(({ from, to, points, isDashed, label }, place) => {
          const isTaken = from === start || taken.has(`${from}\u0000${to}`);
          const middle = points[Math.floor(points.length / 2)];
          return (
            <g key={place} class={`edge${isTaken ? ' taken' : ''}${isDashed ? ' dashed' : ''}`}>
              <path d={curve(points)} marker-end="url(#arrow)" />
              {label !== '' && middle !== undefined && (
                <text x={middle.x + 5} y={middle.y + 3}>
                  {label}
                </text>
              )}
            </g>
          );
        })}
        <circle class="start" cx={boxes[0]?.x} cy={boxes[0]?.y} r="5" />
        {nodes.map(({ name, x, y, width: wide, height: high }) => {
          const times = counts.get(name) ?? 0;
          const classes = [
            'node',
            times > 0 ? 'taken' : '',
            name === at ? 'current' : '',
            name === node ? 'chosen' : '',
            isWrong(name) ? 'wrong' : '',
          ];
          return (
            <g
              key={name}
              class={classes.filter(Boolean).join(' ')}
              role="button"
              tabIndex={0}
              aria-pressed={name === node}
              aria-label={`${name.length > 24 ? `${name.slice(0, 23)}…` : name}${times > 1 ? ` ×${times}` : ''}: show only its tasks`}
              onClick={() => onNode(name === node ? '' : name)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                onNode(name === node ? '' : name);
              }}
            >
              <rect x={x - wide / 2} y={y - high / 2} width={wide} height={high} rx="9" />
              <text x={x} y={y + 4} text-anchor="middle">
                {name.length > 24 ? `${name.slice(0, 23)}…` : name}
                {times > 1 && <tspan class="times"> ×{times}</tspan>}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  for (const [place, point] of rest.entries()) {
    const next = rest[place + 1];
    if (next === undefined) path += ` L${point.x} ${point.y}`;
    else path += ` Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  }
  return path;
}
