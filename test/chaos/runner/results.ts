import { execFile } from 'node:child_process'
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { renderLines } from '../../../bench/report/svg.ts'
import type { ChaosRequest } from './request.ts'
import type { RowResult } from './row-run.ts'
import { rowNamed } from './rows.ts'

/**
 * What a row leaves behind when it has run in full: its figures, with what they were measured on, and where it has a course
 * in time its charts and the numbers that they are drawn of. Each row takes the place of its own last run alone, because all
 * of them together take hours. Written as soon as the row has ended; short runs leave nothing.
 */
export interface KeptResult extends RowResult {
  readonly measured: Measured
}

/** What a result is true of. */
interface Measured {
  readonly date: string
  /** Null: it was no checkout. */
  readonly commit: string | null
  readonly node: string
  readonly processor: string
  readonly seed: number
  /** Of the soak alone. */
  readonly minutes?: number
}

const SEEDS = 'failed-seeds.txt'
const SOAK = 'soak'
const directory = fileURLToPath(new URL('../results/', import.meta.url))
const fileOf = ({ number, name }: RowResult['row']) => `${String(number).padStart(2, '0')}-${name}`

export async function keep({ isFull, seed, minutes }: ChaosRequest, result: RowResult): Promise<KeptResult> {
  const { row, outcome, charts } = result
  const measured: Measured = {
    date: new Date().toISOString(),
    commit: await commit(),
    node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    seed,
    ...(row.name === SOAK && { minutes }),
  }
  await mkdir(directory, { recursive: true })
  // A seed on which a row has failed is worth more than the run: it is kept, to be given again.
  if (outcome === 'failed')
    await appendFile(join(directory, SEEDS), `${row.name} --seed ${seed} # ${measured.commit}\n`)
  if (isFull && outcome !== 'not run here') {
    const { row: _, ...rest } = result
    const text = JSON.stringify({ row: row.name, measured, ...rest }, null, 2)
    await writeFile(join(directory, `${fileOf(row)}.json`), `${text}\n`)
    if (charts.length > 0) await writeFile(join(directory, `${fileOf(row)}.svg`), renderLines(charts))
  }
  return { ...result, measured }
}

/** The last full run of each row that has had one. */
export async function keptResults(): Promise<readonly KeptResult[]> {
  const names = (await readdir(directory).catch(() => [])).filter(name => name.endsWith('.json')).toSorted()
  return Promise.all(
    names.map(async name => {
      const kept = JSON.parse(await readFile(join(directory, name), 'utf8'))
      return { ...kept, row: rowNamed(kept.row) } as KeptResult
    }),
  )
}

/** Null: this is no checkout. */
async function commit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty'], { cwd: directory })
    return stdout.trim()
  } catch {
    return null
  }
}
