import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { systemClock } from '../../src/model/clock.ts'
import { createCounters } from '../../src/observe/counters.ts'
import { createLog } from '../../src/observe/log.ts'
import { serverConfiguration } from '../support/server-configuration.ts'
import { watched } from '../support/watched-logs.ts'

/** Gateways that cannot start: the restart and the connectors are opened side by side, and one of them fails. */

const SITES = resolve(import.meta.dirname, '../../demo/directory/sites.yaml')

test('a gateway whose restart cannot be opened leaves nothing of its extracts behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'opening-'))
  const work = join(directory, 'work')
  await mkdir(work)
  const connector = '{ kind: extracts, directory: drops, workDirectory: work }'
  const file = join(directory, 'gateway.yaml')
  await writeFile(file, serverConfiguration({ sites: SITES, connector }))
  try {
    const app = createApp(await loadConfig(file, {}), {
      log: createLog({ level: 'error', destination: watched(() => {}) }),
      counters: createCounters(),
      clock: systemClock,
    })
    await expect(app).rejects.toThrow('keys.json')
    expect(await readdir(work)).toEqual([])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
