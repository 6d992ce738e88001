import { parseArgs } from 'node:util'
import { isMeasureName, MEASURE_NAMES, type MeasureName } from './names.ts'

/** What a run is asked for, by its command line. Called by main.ts; starts nothing. */
export interface BenchRequest {
  readonly names: readonly MeasureName[]
  readonly isQuick: boolean
  readonly scale: number
  readonly rounds: number
}

export const USAGE = `usage: npm run bench -- [NAME...] [--quick] [--scale S] [--rounds N]

  NAME        ${MEASURE_NAMES.join(', ')}; all of them where none is named
  --quick     shorter runs of fewer requests: whether it works, not how fast it is
  --scale S   of the database, above 0 to 2: 1 is a manufacturer's (1; with --quick 0.01)
  --rounds N  how often each variant is measured, 1 to 20 (2; with --quick 1)
  --help      this text
`

/** @throws Error of one line that says what is allowed */
export function parseRequest(args: readonly string[]): BenchRequest | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      scale: { type: 'string' },
      rounds: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const unknown = positionals.find(name => !isMeasureName(name))
  if (unknown !== undefined)
    throw new Error(`there is no measurement ${JSON.stringify(unknown)}; there are ${MEASURE_NAMES.join(', ')}`)
  const { quick: isQuick, scale: scaleText = isQuick ? '0.01' : '1', rounds: roundsText = isQuick ? '1' : '2' } = values
  const scale = Number(scaleText)
  if (!(scale > 0 && scale <= 2)) throw new Error(`--scale ${scaleText}: must be above 0, at most 2`)
  const rounds = Number(roundsText)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20)
    throw new Error(`--rounds ${roundsText}: must be a whole number from 1 to 20`)
  const named = positionals.filter(isMeasureName)
  // In the order of a whole run, each once, however they were named.
  return { names: MEASURE_NAMES.filter(name => named.length === 0 || named.includes(name)), isQuick, scale, rounds }
}
