import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ROWS, type Row, rowNamed } from './rows.ts'

/** What a run is asked for, by its command line. Called by main.ts; starts nothing. */
export interface ChaosRequest {
  readonly rows: readonly Row[]
  readonly isFull: boolean
  readonly seed: number
  /** How long the soak lasts. */
  readonly minutes: number
}

const MINUTES = 20
const LONGEST_MINUTES = 1_440
const LARGEST_SEED = 2 ** 31 - 1

export const USAGE = `usage: npm run chaos -- [ROW...] [--seed N] [--short] [--minutes N]
       npm run soak -- [--minutes N] [--seed N] [--short]

  ROW          by name or number; all of them where none is given
  --seed N     of every random choice (default: any; it is printed)
  --short      the sizes of npm test, instead of the full ones
  --minutes N  how long the soak lasts, 1 to ${LONGEST_MINUTES} (${MINUTES})
  --list       the rows and what each is held to
  --results    what the last full run of each row has measured; runs nothing
  --help       this text
`

/** @throws Error of one line that says what is allowed */
export function parseRequest(args: readonly string[]): ChaosRequest | 'help' | 'list' | 'results' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      short: { type: 'boolean', default: false },
      minutes: { type: 'string', default: String(MINUTES) },
      list: { type: 'boolean', default: false },
      results: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.list) return 'list'
  if (values.results) return 'results'
  const named = new Set(positionals.map(rowNamed))
  return {
    // In their order, each once, however they were named.
    rows: ROWS.filter(row => named.size === 0 || named.has(row)),
    isFull: !values.short,
    seed: values.seed === undefined ? randomInt(LARGEST_SEED) : whole('--seed', values.seed, 0, LARGEST_SEED),
    minutes: whole('--minutes', values.minutes, 1, LONGEST_MINUTES),
  }
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`${option} ${text}: must be a whole number from ${least} to ${most}`)
  return value
}
