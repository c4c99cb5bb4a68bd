// The order that was found: a lane for each attempt, what is held until when, and the variables that carry it.
import type { PageEvent, PageSchedule } from '../src/report/page/page-model.ts';

const column = 26;
const lane = 26;
const labels = 170;
const labelLengthMax = 24;

export function ScheduleView({
  schedule,
  onJump,
}: {
  readonly schedule: PageSchedule;
  readonly onJump: (at: string) => void;
}) {
  const { conditions, events, lanes, variables, text } = schedule;
  return (
    <article class="cause">
      <h2>The order that was found</h2>
      <ul class="conditions">
        {conditions.map((condition) => (
          <li key={condition}>{condition}</li>
        ))}
      </ul>
      {events.length > 0 && <Chart schedule={schedule} />}
      {events.length > 0 && (
        <details>
          <summary>The events in this order</summary>
          <ol class="conditions">
            {events.map((event, place) => (
              <li key={place}>
                <button type="button" class="link" onClick={() => onJump(lanes[event.lane]?.at ?? '')}>
                  {event.text}
                </button>
                {event.role === 'held' && ' is held until now'}
                {event.role === 'awaited' && ' is waited for'}
              </li>
            ))}
          </ol>
        </details>
      )}
      {variables.map(({ name, place, writers }) => (
        <p key={`${name} ${place}`} class="chain">
          <span>
            <code>{name}</code>
            {place !== '' && ` in ${place}`} is written by
          </span>
          {writers.map(({ at, node }) => (
            <button key={at} type="button" class="link" onClick={() => onJump(at)}>
              {node} {at}
            </button>
          ))}
        </p>
      ))}
      <p class="next">
        As text: <code>{text}</code>
      </p>
    </article>
  );
}

/** From left to right as things happen. A line leads to a held event from where it could have come. */
function Chart({ schedule: { events, lanes } }: { readonly schedule: PageSchedule }) {
  const width = labels + events.length * column + 12;
  const height = lanes.length * lane + 12;
  const x = (place: number): number => labels + (place + 0.5) * column;
  const y = ({ lane: place }: PageEvent): number => 6 + (place + 0.5) * lane;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section class="wide" tabIndex={0} aria-label="The order as lanes">
      <svg
        class="schedule"
        width={width}
        height={height}
        role="img"
        aria-label={`${events.length} events in ${lanes.length} lanes, one for each attempt. The list below has them all.`}
      >
        {lanes.map(({ at, node }, place) => {
          const label = `${node} ${at}`;
          const middle = 6 + (place + 0.5) * lane;
          return (
            <g key={at} class="lane">
              <line x1={labels} x2={width - 6} y1={middle} y2={middle} />
              <text x={labels - 10} y={middle + 4} text-anchor="end">
                {label.length > labelLengthMax ? `…${label.slice(1 - labelLengthMax)}` : label}
              </text>
            </g>
          );
        })}
        {events.map((event, place) => (
          <g key={place} class={`event ${event.role}`}>
            {event.role === 'held' && event.readyAfter < place && (
              <>
                <line x1={x(event.readyAfter - 0.5)} x2={x(place)} y1={y(event)} y2={y(event)} />
                <circle class="ready" cx={x(event.readyAfter - 0.5)} cy={y(event)} r="4.5" />
              </>
            )}
            <circle cx={x(place)} cy={y(event)} r="6">
              <title>{event.text}</title>
            </circle>
          </g>
        ))}
      </svg>
    </section>
  );
}
