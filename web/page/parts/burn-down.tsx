import { useContext } from 'preact/hooks'
import { clockText } from '../times.ts'
import type { Backlog } from '../view.ts'
import { numeral } from '../words.ts'
import { type BurnDownShape, burnDownOf } from './burn-down-shape.ts'
import { CalendarDate, Instant, ReaderContext } from './time.tsx'

/** How a backlog shrinks: what was measured, the way on to nothing, and the same as a table. */
export function BurnDown({ backlog, id }: { readonly backlog: Backlog; readonly id: string }) {
  const shape = burnDownOf(backlog)
  return (
    <figure class="burn-down">
      <figcaption>
        <span class="burn-down-name">{backlog.name}</span>
        <span class="burn-down-open">
          <strong>{numeral(backlog.open)}</strong> open
        </span>
        <span>{numeral(backlog.clearedLast24h)} cleared in the last 24 hours</span>
        <span>
          {backlog.estimatedClearDate === null ? (
            'No date to expect yet'
          ) : (
            <>
              Expected clear on <CalendarDate on={backlog.estimatedClearDate} />
            </>
          )}
        </span>
      </figcaption>
      {shape !== null && <Chart shape={shape} backlog={backlog} id={id} />}
      <Measurements backlog={backlog} />
    </figure>
  )
}

function Chart({
  shape,
  backlog,
  id,
}: {
  readonly shape: BurnDownShape
  readonly backlog: Backlog
  readonly id: string
}) {
  const { width, height, floor, points, area, line, trend, ticks } = shape
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
      <title id={`${id}-title`}>{backlog.name}: how it shrinks</title>
      <desc id={`${id}-desc`}>{shape.description}</desc>
      <path class="chart-floor" d={`M0 ${floor}H${width}`} />
      <path class="chart-area" d={area} />
      <path class="chart-line" d={line} />
      {trend !== null && <path class="chart-trend" d={trend.path} />}
      {trend !== null && <circle class="chart-end" cx={trend.x} cy={floor} r="4" />}
      {points.map(({ x, y }) => (
        <circle key={x} class="chart-point" cx={x} cy={y} r="2.75" />
      ))}
      {ticks.map(({ x, text, anchor }) => (
        <text key={x} class="chart-tick" x={x} y={height - 3} text-anchor={anchor}>
          {text}
        </text>
      ))}
      <text class="chart-value" x={points[0]?.x} y={(points[0]?.y ?? 0) - 9} text-anchor="start">
        {numeral(backlog.history[0]?.open ?? backlog.open)}
      </text>
    </svg>
  )
}

function Measurements({ backlog }: { readonly backlog: Backlog }) {
  const { timeZone } = useContext(ReaderContext)
  return (
    <details>
      <summary>
        Figures<span class="unseen"> of {backlog.name}</span>
      </summary>
      <table>
        <caption class="unseen">{backlog.name}: what was measured</caption>
        <thead>
          <tr>
            <th scope="col">Counted</th>
            <th scope="col" class="number">
              Open
            </th>
          </tr>
        </thead>
        <tbody>
          {backlog.history.toReversed().map(({ measuredAt, open }) => (
            <tr key={measuredAt}>
              <td>
                <Instant at={measuredAt} form="day" />, {clockText(measuredAt, timeZone)}
              </td>
              <td class="number">{numeral(open)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {backlog.oldest !== null && (
        <p>
          The oldest that is open came in on <Instant at={backlog.oldest} form="day" />.
        </p>
      )}
    </details>
  )
}
