import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createClosingFile } from '../../../src/recovery/live/closing-file.ts'
import type { KeptClosing } from '../../../src/recovery/live/live-state.ts'
import { type LogLine, quietLog } from '../../connectors/quiet-log.ts'

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-closings-'))
  file = join(directory, 'checkpoints.jws.closings')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const kept: KeptClosing = {
  system: 'PARTS_LOGISTICS',
  sequence: 12,
  closing: {
    cause: 'FOREIGN_ROWS',
    reason: 'part',
    at: '2025-10-06T08:00:00.000Z',
    distrustSince: null,
    recorded: false,
  },
}

test('what was closed is found again by the next process, with when and upon which entry it was seen', async () => {
  await createClosingFile(file, quietLog()).keep([kept])
  expect(await createClosingFile(file, quietLog()).read()).toEqual([
    {
      system: 'PARTS_LOGISTICS',
      cause: 'FOREIGN_ROWS',
      reason: 'part',
      distrustSince: null,
      seen: { at: '2025-10-06T08:00:00.000Z', sequence: 12 },
    },
  ])
})

test('what the journal says by now is forgotten', async () => {
  const closings = createClosingFile(file, quietLog())
  await closings.keep([kept])
  await closings.keep([])
  expect(await createClosingFile(file, quietLog()).read()).toEqual([])
})

test('two instances keep what each has seen, and the next one finds both, in one file from then on', async () => {
  const [first, second] = [createClosingFile(file, quietLog()), createClosingFile(file, quietLog())]
  await Promise.all([first.keep([kept]), second.keep([{ ...kept, system: 'WHOLESALE_FINANCE' }])])
  const next = createClosingFile(file, quietLog())
  const found = await next.read()
  expect(found.map(({ system }) => system).toSorted()).toEqual(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'])
  expect(await readdir(directory)).toHaveLength(2)
  await next.keep([kept, { ...kept, system: 'WHOLESALE_FINANCE' }])
  expect(await readdir(directory)).toHaveLength(1)
  expect(await createClosingFile(file, quietLog()).read()).toHaveLength(2)
})

test('what another instance has seen is not forgotten when this one has nothing left to keep', async () => {
  const [first, second] = [createClosingFile(file, quietLog()), createClosingFile(file, quietLog())]
  await first.keep([kept])
  await second.keep([{ ...kept, system: 'WHOLESALE_FINANCE' }])
  await second.keep([])
  expect((await createClosingFile(file, quietLog()).read()).map(({ system }) => system)).toEqual(['PARTS_LOGISTICS'])
})

test('where nothing was ever closed there is no file', async () => {
  const closings = createClosingFile(file, quietLog())
  expect(await closings.read()).toEqual([])
  await closings.keep([])
  expect(await readdir(directory)).toEqual([])
})

test('a file that cannot be read stops the start, for it may say what is closed', async () => {
  await writeFile(file, '[{')
  await expect(createClosingFile(file, quietLog()).read()).rejects.toThrow(`${file}: cannot be read, and may say`)
})

test('a disk that takes nothing stops nobody, and is logged', async () => {
  const lines: LogLine[] = []
  await createClosingFile(join(directory, 'no', 'such', 'folder'), quietLog(lines)).keep([kept])
  expect(lines).toMatchObject([{ level: 'error' }])
})
