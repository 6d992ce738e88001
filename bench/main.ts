import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { endOnSignals } from './interruption.ts'
import { type Bench, FULL, LOAD_CPU, QUICK, UNHURRIED } from './measure/bench.ts'
import { eligibleVariants, variantsOutcome } from './measure/eligible-variants.ts'
import { MEASUREMENTS } from './measure/measurements.ts'
import { COMPARING, MEASURE_NAMES, type MeasureName } from './measure/names.ts'
import { assertTools, pin } from './measure/pin.ts'
import { type BenchRequest, parseRequest, USAGE } from './measure/request.ts'
import { writeDocumentation } from './report/documentation.ts'
import { readEnvironment } from './report/environment.ts'
import type { Outcome } from './report/outcome.ts'
import { renderOverview } from './report/overview.ts'
import { type Results, writeResults } from './report/results.ts'
import { figuresTable, renderTextTable } from './report/text-table.ts'
import { openSite } from './site/open-site.ts'

/** `npm run bench`: opens a site, measures what is asked for, prints the tables and writes the results. */

const EXIT_USAGE = 2
const startedMs = performance.now()

function progress(text: string): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${text.trimEnd()}\n`)
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

async function main(args: readonly string[]): Promise<void> {
  const request = requestOf(args)
  if (request === null) return
  const results = await measureAll(request, args)
  const { outcomes } = results
  const files = await writeResults(results, renderOverview(outcomes))
  if (results.isWhole) await writeDocumentation(results)
  for (const { tables, notes } of outcomes) {
    for (const table of tables) process.stdout.write(`${renderTextTable(table)}\n`)
    for (const note of notes) process.stdout.write(`  ${note}\n`)
    if (notes.length > 0) process.stdout.write('\n')
  }
  process.stdout.write(`${renderTextTable(figuresTable(outcomes.flatMap(({ figures }) => figures)))}\n`)
  process.stdout.write(`Written: ${files.map(file => relative(process.cwd(), file)).join(', ')}\n`)
}

/** Null: what was asked for is said already, or cannot be had. */
function requestOf(args: readonly string[]): BenchRequest | null {
  try {
    const request = parseRequest(args)
    if (request !== 'help') return request
    process.stdout.write(USAGE)
  } catch (thrown) {
    process.stderr.write(`bench: ${messageOf(thrown)}\n`)
    process.exitCode = EXIT_USAGE
  }
  return null
}

async function measureAll(request: BenchRequest, args: readonly string[]): Promise<Results> {
  assertTools()
  // Databases and load generators are children of this process, and inherit its core; servers are given theirs.
  pin(process.pid, LOAD_CPU)
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-bench-'))
  // Whatever is written for the time of the run, by servers too, stands in there and goes with it.
  process.env.TMPDIR = directory
  endOnSignals(directory, progress)
  try {
    return await measureIn(directory, request, args)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function measureIn(directory: string, request: BenchRequest, args: readonly string[]): Promise<Results> {
  const { names, isQuick, scale, rounds } = request
  const site = await openSite({ scale, cpu: LOAD_CPU, progress })
  try {
    const compares = names.some(name => COMPARING.includes(name))
    const eligible = compares ? await eligibleVariants(site, progress) : { names: [], leftOut: [] }
    for (const { name, reason } of eligible.leftOut) progress(`${name} is left out: ${reason}`)
    const isAll = names.length === MEASURE_NAMES.length
    const pace = isQuick ? QUICK : isAll ? FULL : UNHURRIED
    const bench = { site, variants: eligible.names, rounds, pace, directory, progress }
    const outcomes = await outcomesOf(names, bench)
    return {
      environment: await readEnvironment(['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')),
      isWhole: !isQuick && isAll,
      ...{ scale, rounds, seconds: (performance.now() - startedMs) / 1_000 },
      outcomes: compares ? [...outcomes, await variantsOutcome(eligible)] : outcomes,
    }
  } finally {
    await site.close()
  }
}

/** One that fails is a note of the report and of the exit code; the rest are measured all the same. */
async function outcomesOf(names: readonly MeasureName[], bench: Bench): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const name of names) {
    progress(`${name}`)
    try {
      outcomes.push(await MEASUREMENTS[name](bench))
    } catch (thrown) {
      const reason = messageOf(thrown)
      progress(`${name} failed: ${reason}`)
      process.exitCode = 1
      outcomes.push({ measure: name, figures: [], tables: [], notes: [`${name} failed: ${reason}`], raw: null })
    }
  }
  return outcomes
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.stderr.write(`bench: ${messageOf(thrown)}\n`)
  process.exitCode = 1
}
