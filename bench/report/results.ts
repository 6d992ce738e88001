import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from './environment.ts'
import type { Outcome } from './outcome.ts'

/**
 * The results of a run as files. Only a whole run of the full length is `latest`; any other is `partial`, which stands
 * for itself and is not kept in version control.
 */
export interface Results {
  readonly environment: Environment
  readonly isWhole: boolean
  readonly scale: number
  readonly rounds: number
  readonly seconds: number
  readonly outcomes: readonly Outcome[]
}

export const RESULTS_DIRECTORY = fileURLToPath(new URL('../results/', import.meta.url))
export const LATEST_FILE = join(RESULTS_DIRECTORY, 'latest.json')

/** Returns the names of the files that it has written. */
export async function writeResults(results: Results, overview: string): Promise<readonly string[]> {
  const prefix = results.isWhole ? '' : 'partial-'
  const charts = Object.assign({}, ...results.outcomes.map(({ charts }) => charts)) as Record<string, string>
  // Charts are files of their own.
  const json = JSON.stringify(results, (key, value) => (key === 'charts' ? undefined : value), 2)
  const files = { [results.isWhole ? 'latest.json' : 'partial.json']: `${json}\n`, [`${prefix}overview.svg`]: overview }
  for (const [name, svg] of Object.entries(charts)) files[prefix + name] = svg
  await mkdir(RESULTS_DIRECTORY, { recursive: true })
  const paths = Object.entries(files).map(([name, content]) => [join(RESULTS_DIRECTORY, name), content] as const)
  await Promise.all(paths.map(([path, content]) => writeFile(path, content)))
  return paths.map(([path]) => path)
}
