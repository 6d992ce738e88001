import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { freePort } from '../../test/support/free-port.ts'
import { numberText, type Outcome, plainFigure } from '../report/outcome.ts'
import type { Bench } from './bench.ts'
import { GATEWAY_BIN, reasonIn, spawnGateway } from './gateway-process.ts'
import { askOnce } from './prepared-requests.ts'
import { type Spread, spreadOf } from './spread.ts'

/**
 * From the start of the process to the first right answer, with the embedded default in a directory of its own: what a
 * newcomer waits for. The first start ever makes the embedded databases, later ones find them.
 */

const LATER_STARTS = 1
const PATIENCE_MS = 120_000
const POLL_MS = 10
const QUESTION = JSON.stringify({
  query: '{ partAvailability(partNumbers: ["LR106259"]) { outcome provenance { asOf } } }',
})

const run = promisify(execFile)

export async function measureStart({ directory, rounds, progress }: Bench): Promise<Outcome> {
  const first: number[] = []
  const later: number[] = []
  for (let round = 0; round < rounds; round++) {
    const data = await mkdtemp(join(directory, 'embedded-'))
    try {
      const configFile = await writeConfig(data)
      progress(`start: round ${round + 1} of ${rounds}, the first ever`)
      first.push(await secondsToAnswer(configFile))
      for (let start = 0; start < LATER_STARTS; start++) {
        progress(`start: round ${round + 1} of ${rounds}, later`)
        later.push(await secondsToAnswer(configFile))
      }
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  }
  const spreads = { first: spreadOf(first), later: spreadOf(later) }
  return {
    measure: 'start',
    figures: [
      plainFigure('embedded default, the first start ever, to the first right answer', spreads.first.median, 's', {
        most: 6,
      }),
      plainFigure('embedded default, a later start, to the first right answer', spreads.later.median, 's', { most: 2 }),
    ],
    tables: [
      {
        title: 'Start of the embedded default: seconds to the first right answer',
        columns: ['', 'median', 'least', 'most'],
        rows: [row('first ever', spreads.first), row('later', spreads.later)],
      },
    ],
    notes: [
      'The keys of the token’s issuer are made beforehand: without a token there is no right answer to wait for.',
    ],
    raw: spreads,
  }
}

const row = (title: string, { median, least, most }: Spread) => [title, ...[median, least, most].map(numberText)]

/** The embedded default as it is, but with its data elsewhere: a user's own is never touched. */
async function writeConfig(directory: string): Promise<string> {
  const demo = resolve(EMBEDDED_CONFIG_FILE, '../../demo')
  const text = await readFile(EMBEDDED_CONFIG_FILE, 'utf8')
  const file = join(directory, 'embedded.yaml')
  await writeFile(file, text.replaceAll('../demo', demo).replaceAll('../.data', join(directory, 'data')))
  return file
}

async function secondsToAnswer(configFile: string): Promise<number> {
  const port = await freePort()
  const ports = { PORT: String(port), ADMIN_PORT: String(await freePort()) }
  const { stdout } = await run(process.execPath, [GATEWAY_BIN, 'token', 'retailer', '--config', configFile])
  const request = { token: stdout.trim(), body: QUESTION }
  const startedMs = performance.now()
  const { child, said } = spawnGateway(['serve', '--config', configFile], { cpu: null, env: ports })
  const exited = once(child, 'exit')
  try {
    while (!(await isAnswered(`http://127.0.0.1:${port}/graphql`, request))) {
      if (child.exitCode !== null || performance.now() - startedMs > PATIENCE_MS)
        throw new Error(`the embedded default gave no answer: ${reasonIn(said())}`)
      await setTimeout(POLL_MS)
    }
    return (performance.now() - startedMs) / 1_000
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}

async function isAnswered(url: string, request: { readonly token: string; readonly body: string }): Promise<boolean> {
  try {
    await askOnce(url, request)
    return true
  } catch {
    return false
  }
}
