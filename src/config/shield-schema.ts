import { group, whole } from './setting.ts'

/** How one restored system is shielded, by each process for itself. Called by the schema of the configuration. */
export function shieldSchema() {
  return group('How the system is shielded from the crowd, by each process for itself', {
    concurrency: spanOf('Reads in flight at once', { from: 1, to: 1_000, start: 4, cap: 10 }),
    callsPerSecond: spanOf('Calls a second', { from: 1, to: 1_000_000, start: 100, cap: 2_000 }),
    rampSeconds: whole({
      is: 'How long after an opening the start grows to the cap',
      unit: 'seconds',
      from: 1,
      to: 86_400,
      preset: 300,
    }),
    slowMs: whole({
      is: 'How long a call takes that counts against the system although it is answered. Left out: half of deadlineMs',
      unit: 'milliseconds',
      from: 1,
      to: 60_000,
    }).optional(),
    mostWaiting: whole({ is: 'Most reads that wait for their turn', from: 1, to: 100_000, preset: 1_000 }),
    breaker: group('The breaker, which opens where too many of the last calls count against the system', {
      calls: whole({ is: 'How many calls it judges by', from: 5, to: 10_000, preset: 20 }),
      faultPercent: whole({ is: 'How many of them open it', unit: 'per cent', from: 5, to: 100, preset: 50 }),
    }),
    retryPercent: whole({
      is: 'Most second attempts; 0: none',
      unit: 'per cent of the calls',
      from: 0,
      to: 100,
      preset: 10,
    }),
  })
}

interface SpanBounds {
  readonly from: number
  readonly to: number
  readonly start: number
  readonly cap: number
}

function spanOf(is: string, { from, to, start, cap }: SpanBounds) {
  return group(`${is}, from an opening on`, {
    start: whole({ is: `${is} when it opens`, from, to, preset: start }),
    cap: whole({ is: `${is} at the end of the ramp`, from, to, preset: cap }),
  }).refine(span => span.start <= span.cap, { path: ['start'], error: 'must be at most cap' })
}
