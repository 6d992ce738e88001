import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeExtracts } from '../../demo/extract-files.ts'
import { createDataset } from '../../demo/generator/dataset.ts'
import { SYSTEM_KEYS } from '../../src/model/system.ts'
import { RELATIONS } from '../../src/systems/relations/all.ts'
import { arePagesCurrent, buildPages } from '../../web/build.ts'
import { SMALL_DATASET, TEST_DATASET } from './dataset.ts'
import { makePgliteTemplate } from './pglite.ts'
import { makePostgresTemplate, postgresBinaries } from './postgres.ts'
import { openWatch } from './watched-logs.ts'

/** What Jest says of the run. */
interface Run {
  /** Which tests; empty: all. */
  readonly nonFlagArgs: readonly string[]
  readonly testNamePattern?: string
  readonly onlyChanged: boolean
  readonly shard?: object
}

/**
 * Writes the data of the tests as extracts of all three systems, once for all suites, who find them by `TEST_EXTRACTS`,
 * and little data by `TEST_SMALL_EXTRACTS`; and begins to watch their logs. The pages are built where they are not, for
 * every gateway serves them. All private PostgreSQL servers and embedded ones start on copies of one.
 */
export default async function setUp({ nonFlagArgs, testNamePattern, onlyChanged, shard }: Run): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-test-'))
  const small = join(directory, 'small')
  for (const [options, into] of [
    [TEST_DATASET, directory],
    [SMALL_DATASET, small],
  ] as const) {
    const dataset = createDataset(options)
    for (const key of SYSTEM_KEYS) {
      const plan = RELATIONS[key].map(relation => ({ relation, format: 'jsonl' as const }))
      await writeExtracts({ dataset, directory: join(into, key), plan })
    }
  }
  if (!(await arePagesCurrent())) await buildPages()
  process.env.TEST_EXTRACTS = directory
  process.env.TEST_SMALL_EXTRACTS = small
  // What the tests' processes and the threads of gateways compile, once for all; where the product keeps it, too.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL('../../node_modules/.cache/recovery-gateway', import.meta.url),
  )
  process.env.TEST_LOGS = join(directory, 'logs')
  const isWhole = nonFlagArgs.length === 0 && !testNamePattern && !onlyChanged && !shard
  openWatch(process.env.TEST_LOGS, isWhole)
  // A run of a few suites would wait for them in vain.
  if (!isWhole) return
  const binaries = postgresBinaries()
  if (binaries !== null) process.env.TEST_POSTGRES = await makePostgresTemplate(binaries, directory)
  const pglite = join(directory, 'pglite.tar')
  await makePgliteTemplate(pglite)
  process.env.TEST_PGLITE = pglite
}
