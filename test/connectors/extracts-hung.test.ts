import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createDrops, type Drops, type Refused } from '../../src/connectors/extracts/drops.ts'
import { mappingOf } from '../../src/connectors/extracts/mapping.ts'
import { smallText } from '../../src/connectors/extracts/regular-file.ts'
import { part } from '../../src/systems/relations/parts-logistics.ts'
import { temporaryDirectory, writeDrop } from './extracts-sample.ts'
import { quietLog } from './quiet-log.ts'
import { AS_OF, SAMPLE } from './sample.ts'

/** A directory on a file server that goes away and comes back: what it is asked meanwhile has no answer. */
let directory: string
let remove: () => Promise<void>
let drops: Drops
let refusals: Refused[]
let asked: number
let due: (() => void)[] | null

beforeEach(async () => {
  ;({ directory, remove } = await temporaryDirectory())
  await mkdir(join(directory, 'work'))
  refusals = []
  asked = 0
  due = null
})
afterEach(async () => {
  await drops.close()
  await remove()
})

function open(answerMs: number): Drops {
  drops = createDrops({
    directory,
    mappings: new Map([[part, mappingOf(undefined)]]),
    workDirectory: join(directory, 'work'),
    release: async () => {},
    onRefused: refused => void refusals.push(refused),
    log: quietLog([]),
    clock: { now: () => Date.parse('2025-10-09T06:00:00Z') },
    answerMs,
    async readText(path, mostBytes) {
      asked += 1
      if (due !== null) await new Promise<void>(answer => due?.push(answer))
      return smallText(path, mostBytes)
    },
  })
  return drops
}

const drop = (asOf: string) =>
  writeDrop({ directory, asOf, rows: new Map([[part, SAMPLE.get(part) ?? []]]), format: 'csv' })

test('a directory that hangs is refused in time, asked nothing more until it answers, and then served again', async () => {
  await drop(AS_OF)
  const { refresh, refused, served } = open(20)
  await refresh()
  due = []
  await refresh()
  expect(refused()?.reason).toBe(`${directory}: does not answer; it was given 0.02 s`)
  expect(served()?.asOf).toBe(AS_OF)
  await refresh()
  expect(asked).toBe(2)
  expect(refusals).toHaveLength(1)
  for (const answer of due.splice(0)) answer()
  due = null
  await drop('2025-10-08T05:31:00.000Z')
  while (served()?.asOf === AS_OF) await refresh()
  expect(refused()).toBeNull()
})

test('a closing waits for no directory that hangs', async () => {
  const { refresh, close } = open(600_000)
  due = []
  const looking = refresh()
  await close()
  await looking
  expect(refusals).toEqual([])
})
