import { describe, expect, test } from '@jest/globals'
import { EMBEDDED_CONFIG_FILE } from '../../src/config/embedded.ts'
import { lastKnownGoodStoreOf } from '../../src/config/last-known-good.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { memoryBoundOf } from '../../src/config/memory-bound.ts'

const config = await loadConfig(EMBEDDED_CONFIG_FILE, {})
const { embedded: _, ...server } = config
const sharedStore = {
  url: 'redis://localhost',
  keyPrefix: 'p',
  commandTimeoutMs: 50,
  recordBytes: 1,
  documentBytes: 1,
  lastKnownBytes: 1,
}
const maxBytes = config.lastKnownGood.maxBytes
const choosing = (settings: object) => ({ lastKnownGood: { maxBytes, ...settings } })

describe('where nothing is said, the last answers are kept', () => {
  test('in the store that all instances share, where there is one', () => {
    expect(lastKnownGoodStoreOf({ ...config, sharedStore })).toEqual({ kind: 'shared' })
    expect(lastKnownGoodStoreOf({ ...server, sharedStore })).toEqual({ kind: 'shared' })
  })

  test('in a file of the embedded default, which survives a restart', () => {
    const path = expect.stringMatching(/\/\.data\/gateway\/last-known-good\.sqlite$/)
    expect(lastKnownGoodStoreOf(config)).toEqual({ kind: 'sqlite', path, maxBytes })
  })

  test('in memory everywhere else', () => {
    expect(lastKnownGoodStoreOf(server)).toEqual({ kind: 'memory', maxBytes })
  })
})

test('what is said goes before what is there', () => {
  expect(lastKnownGoodStoreOf({ ...config, sharedStore, ...choosing({ store: 'none' }) })).toEqual({ kind: 'none' })
  const file = choosing({ store: 'sqlite', file: '/var/lib/last.sqlite' })
  expect(lastKnownGoodStoreOf({ ...server, ...file })).toMatchObject({ kind: 'sqlite', path: '/var/lib/last.sqlite' })
  expect(lastKnownGoodStoreOf({ ...server, ...choosing({ store: 'sqlite' }) })).toMatchObject({ path: null })
})

test('the memory of the process has room for what is kept there, and for nothing that is kept elsewhere', () => {
  const bound = memoryBoundOf({ ...config, ...choosing({ store: 'none' }) })
  expect(memoryBoundOf(config)).toBe(bound)
  expect(memoryBoundOf({ ...config, ...choosing({ store: 'memory' }) })).toBe(bound + maxBytes)
})
