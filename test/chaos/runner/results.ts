import { execFile } from 'node:child_process'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { renderLines } from '../../../bench/report/svg.ts'
import type { ChaosRequest } from './request.ts'
import type { RowResult } from './row-run.ts'

/**
 * What a run leaves behind: its figures, with what they were measured on, and of each row that has a course in time
 * its chart and the numbers of that. A run of some rows alone is written as partial, so that it does not take the place of a whole one.
 */
const SEEDS = 'failed-seeds.txt'
const directory = fileURLToPath(new URL('../results/', import.meta.url))

export async function writeResults(
  { isFull, seed, minutes }: ChaosRequest,
  results: readonly RowResult[],
  isWhole: boolean,
): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true })
  const prefix = isWhole && isFull ? '' : 'partial-'
  const files = new Map<string, string>()
  for (const { row, charts } of results)
    if (charts.length > 0) {
      files.set(`${prefix}${row.name}.svg`, renderLines(charts))
      files.set(`${prefix}${row.name}.json`, `${JSON.stringify(charts)}\n`)
    }
  const written = {
    date: new Date().toISOString(),
    commit: await commit(),
    node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    form: isFull ? 'full' : 'short',
    seed,
    minutes,
    rows: results.map(({ row: { number, name, what, pass }, outcome, reasons, seconds, figures }) => {
      return { number, name, what, pass, outcome, reasons, seconds: Number(seconds.toFixed(1)), figures }
    }),
  }
  files.set(prefix === '' ? 'latest.json' : 'partial.json', `${JSON.stringify(written, null, 2)}\n`)
  for (const [name, text] of files) await writeFile(join(directory, name), text)
  // A seed on which a row has failed is worth more than the run: it is kept, to be given again.
  for (const { row, outcome } of results)
    if (outcome === 'failed')
      await appendFile(join(directory, SEEDS), `${row.name} --seed ${seed} # ${written.commit}\n`)
  return [...files.keys()].map(name => join(directory, name))
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
