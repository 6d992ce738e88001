import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Chart, Report, ReportedFigure } from '../../support/figures.ts'
import type { ChaosRequest } from './request.ts'
import type { Row } from './rows.ts'

/**
 * Runs the tests of one row in a process of their own, at the sizes and on the seed that were asked for, and gathers what they
 * report. A row has passed only where every test of it ran and reported what it measured.
 */
export interface RowResult {
  readonly row: Row
  readonly outcome: 'passed' | 'failed' | 'not run here'
  /** Why it failed or did not run, a line each. */
  readonly reasons: readonly string[]
  readonly figures: readonly ReportedFigure[]
  readonly charts: readonly Chart[]
  readonly seconds: number
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const JEST = 'node_modules/jest/bin/jest.js'
const LOOK_MS = 500
const BEAT_MS = 30_000

export async function runRow(
  row: Row,
  { isFull, seed, minutes }: ChaosRequest,
  progress: (text: string) => void,
): Promise<RowResult> {
  const tests = await testsOf(row)
  const startedMs = performance.now()
  const result = (outcome: RowResult['outcome'], reasons: readonly string[], reports: readonly Report[] = []) => ({
    row,
    outcome,
    reasons,
    figures: reports.flatMap(({ figures }) => figures),
    charts: reports.flatMap(({ charts }) => charts),
    seconds: (performance.now() - startedMs) / 1_000,
  })
  if (tests.length === 0) return result('not run here', ['there is no test of it'])

  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-chaos-'))
  const files = { reports: join(directory, 'reports.jsonl'), outcome: join(directory, 'outcome.json') }
  try {
    const reports = () => readReports(files.reports, row)
    const child = spawn(
      process.execPath,
      [JEST, '--runInBand', '--json', `--outputFile=${files.outcome}`, '--runTestsByPath', ...tests],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          ...process.env,
          CHAOS_FORM: isFull ? 'full' : 'short',
          CHAOS_SEED: String(seed),
          CHAOS_MINUTES: String(minutes),
          CHAOS_REPORTS: files.reports,
        },
      },
    )
    const ended = once(child, 'close')
    let said = ''
    child.stderr.setEncoding('utf8').on('data', chunk => {
      said += chunk
    })
    await watch(ended, reports, progress)
    const outcome = await readOutcome(files.outcome)
    if (outcome === null) return result('failed', [`its tests did not end: ${said.trim().slice(-2_000)}`], reports())
    return result(...judged(outcome, reports()), reports())
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function testsOf({ number, elsewhere = [] }: Row): Promise<readonly string[]> {
  const own = (await readdir(join(root, 'test/chaos'))).filter(
    name => name.endsWith('.test.ts') && name.startsWith(`${String(number).padStart(2, '0')}-`),
  )
  return [...own.map(name => `test/chaos/${name}`), ...elsewhere]
}

/** Tells of each figure as it comes, and now and then that the row still runs. */
async function watch(
  ended: Promise<unknown>,
  reports: () => readonly Report[],
  progress: (text: string) => void,
): Promise<void> {
  const startedMs = performance.now()
  let [told, beatMs, isOver] = [0, startedMs, false]
  while (!isOver) {
    isOver = await Promise.race([ended.then(() => true), setTimeout(LOOK_MS, false)])
    const seen = reports()
    for (const { figures, progress: said } of seen.slice(told)) {
      if (said !== undefined) progress(`  ${said}`)
      for (const { what, measured, verdict } of figures)
        progress(`  ${what}: ${measured}${verdict === null ? '' : ` (${verdict})`}`)
    }
    told = seen.length
    if (performance.now() - beatMs < BEAT_MS) continue
    beatMs = performance.now()
    progress(`  still running after ${((beatMs - startedMs) / 1_000).toFixed(0)} s`)
  }
}

function readReports(file: string, { number }: Row): readonly Report[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Nothing is reported yet.
  }
  // What follows the last line feed is still being written.
  const lines = text.split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Report).filter(({ row }) => row === number)
}

/** What Jest writes, as far as it is read here. */
interface Outcome {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly ancestorTitles: readonly string[]
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

async function readOutcome(file: string): Promise<Outcome | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Outcome
  } catch {
    return null
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLOURS = /\u001b\[\d+m/g
/** What follows is where it failed on this machine, which its row and its name tell as well. */
const STACK = /\n\s+at .*/s
/** Of a failure, so many characters. */
const WORDS = 400

const firstWords = (text: string): string =>
  text.replaceAll(COLOURS, '').replace(STACK, '').replaceAll(root, '').replaceAll(/\s+/g, ' ').trim().slice(0, WORDS)

function judged({ testResults }: Outcome, reports: readonly Report[]): [RowResult['outcome'], readonly string[]] {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failures = [
    ...testResults
      .filter(({ assertionResults }) => assertionResults.length === 0)
      .map(({ message }) => firstWords(message)),
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages: [first = ''] }) => `${fullName}: ${firstWords(first)}`),
  ]
  if (failures.length > 0) return ['failed', failures]
  const skipped = tests.filter(({ status }) => status !== 'passed')
  if (skipped.length > 0)
    return ['not run here', [...new Set(skipped.map(({ ancestorTitles, fullName }) => ancestorTitles[0] ?? fullName))]]
  return reports.some(({ figures }) => figures.length > 0)
    ? ['passed', []]
    : ['failed', ['its tests passed and measured nothing']]
}
