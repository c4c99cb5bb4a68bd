// The whole run at a glance: each task in its lane, by step or by time. The list beside it says the same in words.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { spanOf, statusOf } from './model.ts';
import type { PageRun } from '../src/report/page/page-model.ts';

export type Order = 'canonical' | 'observed';

interface Bar {
  readonly task: number;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
}

const laneHeightMax = 16;
const height = 116;
/** How much is seen of what a search leaves out. */
const faint = 0.18;

/** Along from 0 to 1. By time, a task takes the first lane that is free. */
function bars(run: PageRun, order: Order): { readonly list: readonly Bar[]; readonly lanes: number } {
  const own = [...run.tasks.entries()].filter(([, { depth }]) => depth === 0);
  if (order === 'canonical') {
    const steps = Math.max(1, run.steps.length - 1);
    const list = own.map(([task, { step, rank }]) => ({
      task,
      from: (step - 1) / steps,
      to: step / steps,
      lane: rank,
    }));
    return { list, lanes: list.reduce((most, { lane }) => Math.max(most, lane + 1), 1) };
  }
  const [first, last] = spanOf(run);
  const free: number[] = [];
  const timed = own.flatMap(([task, { attempts }]) => {
    const began = attempts[0]?.began;
    const ended = attempts.at(-1)?.ended ?? last;
    return began === undefined
      ? []
      : [{ task, from: (began - first) / (last - first), to: (ended - first) / (last - first) }];
  });
  const list = timed
    .sort((one, other) => one.from - other.from)
    .map((bar) => {
      let lane = free.findIndex((until) => until <= bar.from);
      if (lane < 0) lane = free.length;
      free[lane] = bar.to;
      return { ...bar, lane };
    });
  return { list, lanes: Math.max(1, free.length) };
}

function drawBar(context: CanvasRenderingContext2D, { from, to, lane }: Bar, width: number, laneHeight: number): void {
  const gap = laneHeight > 4 ? 2 : 0;
  context.fillRect(
    from * width + 1,
    4 + lane * laneHeight,
    Math.max(1.5, (to - from) * width - 2),
    Math.max(1, laneHeight - gap),
  );
}

export function Lanes({
  run,
  order,
  chosen,
  isShown,
  isWrong,
  onChoose,
}: {
  readonly run: PageRun;
  readonly order: Order;
  readonly chosen: number;
  readonly isShown: (task: number) => boolean;
  readonly isWrong: (task: number) => boolean;
  readonly onChoose: (task: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { list, lanes } = useMemo(() => bars(run, order), [run, order]);
  const laneHeight = Math.min(laneHeightMax, (height - 8) / lanes);
  /** All bars but the chosen one, which moves while the reader scrubs: thousands need not be drawn again for it. */
  const layer = useMemo(() => document.createElement('canvas'), []);
  const chosenBar = useMemo(() => list.find(({ task }) => task === chosen), [list, chosen]);
  const showChosen = useRef((): void => undefined);
  showChosen.current = () => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || layer.width === 0) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    context.drawImage(layer, 0, 0);
    if (chosenBar === undefined) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.globalAlpha = isShown(chosen) ? 1 : faint;
    context.fillStyle = getComputedStyle(element).getPropertyValue('--accent');
    drawBar(context, chosenBar, element.clientWidth, laneHeight);
  };
  useEffect(() => showChosen.current(), [chosenBar]);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = (): void => {
      const width = element.clientWidth;
      for (const drawn of [layer, element]) {
        drawn.width = width * devicePixelRatio;
        drawn.height = height * devicePixelRatio;
      }
      const context = layer.getContext('2d');
      if (context === null) return;
      const style = getComputedStyle(element);
      const [bar, line, wrong] = ['bar', 'line', 'wrong'].map((name) => style.getPropertyValue(`--${name}`));
      context.scale(devicePixelRatio, devicePixelRatio);
      for (const drawn of list) {
        const status = statusOf(run.tasks[drawn.task] as never);
        const isGood = !isWrong(drawn.task) && (status === 'done' || status === 'open');
        context.globalAlpha = isShown(drawn.task) ? 1 : faint;
        context.fillStyle = (isGood ? (status === 'done' ? bar : line) : wrong) ?? '';
        drawBar(context, drawn, width, laneHeight);
      }
      showChosen.current();
    };
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true });
    return () => {
      observer.disconnect();
      themed.disconnect();
      scheme.removeEventListener('change', draw);
    };
  }, [list, laneHeight, isShown, isWrong, run, layer]);
  const choose = (event: MouseEvent): void => {
    const { left, top, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const along = (event.clientX - left) / width;
    const lane = Math.floor((event.clientY - top - 4) / laneHeight);
    let nearest: Bar | undefined;
    let best = Number.POSITIVE_INFINITY;
    for (const bar of list) {
      const away =
        (along < bar.from ? bar.from - along : along > bar.to ? along - bar.to : 0) * 10 +
        Math.abs(bar.lane - lane) / lanes;
      if (away < best) [best, nearest] = [away, bar];
    }
    if (nearest !== undefined) onChoose(nearest.task);
  };
  return (
    <canvas
      ref={canvas}
      class="lanes"
      style={{ height: `${height}px` }}
      role="img"
      aria-label={`${list.length} tasks in ${lanes} lanes, ${order === 'canonical' ? 'by step and rank' : 'by time'}. The list below has them all.`}
      onMouseDown={choose}
      onMouseMove={(event) => event.buttons === 1 && choose(event)}
    />
  );
}
