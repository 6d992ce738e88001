import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/**
 * Builds the pages into `dist/`: for browsers, compressed ahead, and for the gateway. `npm run build:web` does it; with
 * `--if-changed`, which the embedded default and the tests use, only where they are not there or their sources have changed.
 */

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const STAMP = join(ROOT, 'dist/stamp')
/** Whose other versions would make other pages. */
const MADE_WITH = ['package-lock.json']
const COMPRESSED = new Set(['.js', '.css', '.svg'])

export async function buildPages(): Promise<void> {
  const stamp = await stampOfSources()
  const { build } = await import('vite')
  const configFile = join(ROOT, 'vite.config.ts')
  await build({ configFile })
  await build({ configFile, build: { ssr: 'page/server.tsx' } })
  await compressAssets()
  await writeFile(STAMP, stamp)
}

export async function arePagesCurrent(): Promise<boolean> {
  return existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === (await stampOfSources())
}

async function stampOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(ROOT, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter(file => !file.startsWith(join(ROOT, 'dist')))
    .concat(MADE_WITH.map(file => join(ROOT, '..', file)))
  for (const file of files.toSorted()) {
    const bytes = await readFile(file)
    hash.update(`${file.slice(ROOT.length)} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

/** Once here, as small as it gets, in the place of once for each start. */
async function compressAssets(): Promise<void> {
  const directory = join(ROOT, 'dist/client/assets')
  const names = (await readdir(directory)).filter(name => COMPRESSED.has(extname(name)))
  for (const name of names) {
    const bytes = await readFile(join(directory, name))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    await writeFile(join(directory, `${name}.br`), await promisify(brotliCompress)(bytes, { params }))
    await writeFile(join(directory, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }))
  }
}

if (import.meta.main) {
  if (!(process.argv.includes('--if-changed') && (await arePagesCurrent()))) {
    process.stderr.write('Building the status page and the explorer ... ')
    await buildPages()
    process.stderr.write('done\n')
  }
}
