import { type ChaosRequest, parseRequest, USAGE } from './runner/request.ts'
import { type KeptResult, keep, keptResults } from './runner/results.ts'
import { runRow } from './runner/row-run.ts'
import { ROWS } from './runner/rows.ts'
import { renderList, renderTable } from './runner/table.ts'

/**
 * `npm run chaos`: runs the rows that are asked for, one after the other, prints what each measured beside what it is held
 * to, and ends with 1 where one failed; or prints what the last full run of each has left. `npm run soak` is its last row.
 */
const EXIT_FAILED = 1
const EXIT_USAGE = 2
const startedMs = performance.now()

function progress(text: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  process.stderr.write(`${String(seconds).padStart(5)} s  ${text}\n`)
}

/** Null: what was asked for is said already, or cannot be had. */
async function requestOf(args: readonly string[]): Promise<ChaosRequest | null> {
  try {
    const request = parseRequest(args)
    if (typeof request !== 'string') return request
    if (request === 'help') process.stdout.write(USAGE)
    else process.stdout.write(request === 'list' ? renderList(ROWS) : renderTable(await keptResults()))
  } catch (thrown) {
    process.stderr.write(`chaos: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = EXIT_USAGE
  }
  return null
}

async function main(args: readonly string[]): Promise<void> {
  const request = await requestOf(args)
  if (request === null) return
  const { rows, seed, isFull } = request
  progress(`${rows.length} of ${ROWS.length} rows, ${isFull ? 'full' : 'short'} form, seed ${seed}`)
  const results: KeptResult[] = []
  for (const row of rows) {
    progress(`${row.number} ${row.name}`)
    const result = await runRow(row, request, progress)
    results.push(await keep(request, result))
    progress(`${row.number} ${row.name}: ${result.outcome}`)
  }
  process.stdout.write(renderTable(results))
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT_FAILED
}

await main(process.argv.slice(2))
