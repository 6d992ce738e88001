import { relative } from 'node:path'
import { type ChaosRequest, parseRequest, USAGE } from './runner/request.ts'
import { writeResults } from './runner/results.ts'
import { type RowResult, runRow } from './runner/row-run.ts'
import { ROWS } from './runner/rows.ts'
import { renderList, renderTable } from './runner/table.ts'

/**
 * `npm run chaos`: runs the rows that are asked for, one after the other, prints what each measured beside what it is held
 * to, and ends with 1 where one failed. `npm run soak` is its last row.
 */
const EXIT_FAILED = 1
const EXIT_USAGE = 2
const startedMs = performance.now()

function progress(text: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  process.stderr.write(`${String(seconds).padStart(5)} s  ${text}\n`)
}

/** Null: what was asked for is said already, or cannot be had. */
function requestOf(args: readonly string[]): ChaosRequest | null {
  try {
    const request = parseRequest(args)
    if (typeof request !== 'string') return request
    process.stdout.write(request === 'help' ? USAGE : renderList(ROWS))
  } catch (thrown) {
    process.stderr.write(`chaos: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = EXIT_USAGE
  }
  return null
}

async function main(args: readonly string[]): Promise<void> {
  const request = requestOf(args)
  if (request === null) return
  const { rows, seed, isFull } = request
  progress(`${rows.length} of ${ROWS.length} rows, ${isFull ? 'full' : 'short'} form, seed ${seed}`)
  const results: RowResult[] = []
  for (const row of rows) {
    progress(`${row.number} ${row.name}`)
    const result = await runRow(row, request, progress)
    results.push(result)
    progress(`${row.number} ${row.name}: ${result.outcome}`)
  }
  process.stdout.write(renderTable(results, seed))
  const files = await writeResults(request, results, rows.length === ROWS.length)
  process.stdout.write(`Written: ${files.map(file => relative(process.cwd(), file)).join(', ')}\n`)
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT_FAILED
}

await main(process.argv.slice(2))
