import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { LRUCache } from 'lru-cache'
import { createDocumentCache } from '../../src/graphql/document-cache.ts'
import { systemClock } from '../../src/model/clock.ts'

function cacheOf(entries = 10) {
  const errors: Error[] = []
  const onError = (error: Error) => void errors.push(error)
  const { cache } = createDocumentCache({ entries, ttlSeconds: 60, store: null, clock: systemClock, onError })
  return { cache, errors }
}

afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

describe('the store of persisted documents', () => {
  test('gives back what was kept, and nothing else', async () => {
    const { cache } = cacheOf()
    await cache.set('apq:1', '{ viewer { scopes } }')
    expect(await cache.get('apq:1')).toBe('{ viewer { scopes } }')
    expect(await cache.get('apq:2')).toBeUndefined()
    expect(await cache.get('__proto__')).toBeUndefined()
  })

  test('keeps no more documents than it may, the latest used', async () => {
    const { cache } = cacheOf(2)
    await cache.set('a', '1')
    await cache.set('b', '2')
    await cache.get('a')
    await cache.set('c', '3')
    expect(await Promise.all(['a', 'b', 'c'].map(key => cache.get(key)))).toEqual(['1', undefined, '3'])
  })

  test('keeps a document for the seconds it is told', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
    const { cache } = cacheOf()
    await cache.set('a', '1', { ttl: 10 })
    jest.advanceTimersByTime(9_000)
    expect(await cache.get('a')).toBe('1')
    jest.advanceTimersByTime(2_000)
    expect(await cache.get('a')).toBeUndefined()
  })

  test('is a miss where it fails, and says so', async () => {
    const { cache, errors } = cacheOf()
    await cache.set('a', '1')
    jest.spyOn(LRUCache.prototype, 'get').mockImplementation(() => {
      throw new Error('the store is down')
    })
    expect(await cache.get('a')).toBeUndefined()
    expect(errors.map(({ message }) => message)).toEqual(['the store is down'])
  })

  test('is a miss where what it holds is no document of its own', async () => {
    const { cache, errors } = cacheOf()
    jest.spyOn(LRUCache.prototype, 'get').mockImplementation(() => 'not JSON')
    expect(await cache.get('a')).toBeUndefined()
    expect(errors).toHaveLength(1)
  })
})
