import { expect, test } from '@jest/globals'
import { type Connector, WriteAccepted } from '../../src/systems/connector.ts'
import { examineSystem } from '../../src/systems/examination.ts'
import { AS_OF, createScriptedConnector, hangs, type Script } from './scripted-connector.ts'
import { line } from './small-system.ts'

const TOTALS = { rows: 3, sums: { position: '6' }, asOf: AS_OF }

const examine = (script: Script, names: readonly string[], totals: Connector['totals'] = async () => TOTALS) =>
  examineSystem({
    connector: { ...createScriptedConnector(script), totals },
    relations: [line],
    names,
    deadlineMs: 50,
    clock: { now: () => Date.parse('2025-10-08T05:30:00Z') },
  })

test('what a sound system shows is all there', async () => {
  expect(await examine({}, ['line'])).toEqual({
    at: '2025-10-08T05:30:00.000Z',
    asOf: AS_OF,
    readOnlyProven: true,
    writeAccepted: false,
    totals: { line: { rows: 3, sums: { position: '6' } } },
    failure: null,
  })
})

test('a system that takes a write is not shown to be read-only, and the rest is looked at all the same', async () => {
  const taken = new WriteAccepted('the database accepted a write')
  const seen = await examine({ probe: () => Promise.reject(taken) }, ['line'])
  expect(seen).toMatchObject({
    readOnlyProven: false,
    writeAccepted: true,
    asOf: AS_OF,
    failure: 'proof: the database accepted a write',
  })
  expect(seen.totals.line).toBeDefined()
})

test('a time that lies ahead is no time, and is said; a clock may be a minute off', async () => {
  expect(await examine({ freshness: async () => '2025-10-08T05:31:01.000Z' }, [])).toMatchObject({
    asOf: null,
    failure: 'freshness: the data is said to be as of 2025-10-08T05:31:01.000Z, which lies ahead',
  })
  expect((await examine({ freshness: async () => '2025-10-08T05:30:59.000Z' }, [])).asOf).not.toBeNull()
})

test('a relation that the system does not have stays unmeasured', async () => {
  expect((await examine({}, ['line', 'no_such_relation'])).totals).toEqual({
    line: { rows: 3, sums: { position: '6' } },
  })
})

test('a system that hangs is given up at the first step that does, and asked nothing more', async () => {
  const seen = await examine({ probe: hangs, freshness: hangs }, ['line'], hangs)
  expect(seen).toMatchObject({ readOnlyProven: false, asOf: null, totals: {} })
  expect(seen.failure).toMatch(/^proof: [^;]*$/)
})
