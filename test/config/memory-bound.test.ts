import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { loadConfig } from '../../src/config/load-config.ts'
import { memoryBoundOf } from '../../src/config/memory-bound.ts'

const CONFIG = fileURLToPath(new URL('../../config/embedded.yaml', import.meta.url))
const MIB = 1_048_576

test('what the process may take grows with every cache, byte for byte where a cache is bounded in bytes', async () => {
  const config = await loadConfig(CONFIG, {})
  const bound = memoryBoundOf(config)
  const { responseCache, fieldCache, identity } = config
  const grown = (changed: Partial<typeof config>) => memoryBoundOf({ ...config, ...changed }) - bound
  // As docs/caching.md says.
  expect(Math.round(bound / MIB)).toBe(695)
  expect(grown({ responseCache: { ...responseCache, bytes: responseCache.bytes + MIB } })).toBe(MIB)
  expect(grown({ responseCache: { ...responseCache, questionBytes: responseCache.questionBytes + MIB } })).toBe(MIB)
  expect(grown({ fieldCache: { entries: fieldCache.entries + 1 } })).toBe(2 * 1_024)
  expect(grown({ identity: { ...identity, knownTokens: identity.knownTokens + 1 } })).toBe(2 * 1_024)
})
