import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's files as the documentation names them: by paths from the top, with `/` between. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const NOT_THE_PROJECT = new Set(['.data', '.git', 'coverage', 'node_modules'])

export const readText = (path: string): Promise<string> => readFile(join(root, path), 'utf8')

/** All files and directories. */
export async function projectPaths(): Promise<readonly string[]> {
  return pathsIn('')
}

async function pathsIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true })
  const own = entries.filter(({ name }) => !NOT_THE_PROJECT.has(name))
  const below = await Promise.all(
    own.map(async entry => {
      const path = `${directory}${entry.name}`
      return entry.isDirectory() ? [path, ...(await pathsIn(`${path}/`))] : [path]
    }),
  )
  return below.flat()
}

export async function documentationPages(): Promise<readonly string[]> {
  return (await projectPaths()).filter(path => /^[^/]+\.md$|^docs\/.*\.md$/.test(path))
}

/** The cells of each row of the first table under a header row, without the code marks around them. */
export function tableIn(page: string, ...header: readonly string[]): readonly (readonly string[])[] {
  const lines = page.split('\n')
  const start = lines.indexOf(`| ${header.join(' | ')} |`)
  if (start < 0) throw new Error(`there is no table with the columns ${header.join(', ')}`)
  const rows = lines.slice(start + 2)
  const end = rows.findIndex(line => !line.startsWith('|'))
  return rows.slice(0, end < 0 ? undefined : end).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  )
}
