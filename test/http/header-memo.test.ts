import { expect, test } from '@jest/globals'
import { createHeaderMemo } from '../../src/http/header-memo.ts'

function countedReading() {
  const read: string[] = []
  const memo = createHeaderMemo(value => {
    read.push(value)
    return value.length
  })
  return { read, memo }
}

test('a value is read once, and every time given its own reading', () => {
  const { read, memo } = countedReading()
  expect(['a', 'bb', 'a', 'bb'].map(memo)).toEqual([1, 2, 1, 2])
  expect(read).toEqual(['a', 'bb'])
})

test('however many values are sent, few are kept, and each reading stays right', () => {
  const { read, memo } = countedReading()
  for (let index = 0; index < 10_000; index++) expect(memo(`v${index}`)).toBe(`v${index}`.length)
  read.length = 0
  for (let index = 0; index < 10_000; index++) memo(`v${index}`)
  expect(read.length).toBeGreaterThan(9_000)
})

test('a value that is very long is never kept', () => {
  const { read, memo } = countedReading()
  const long = 'x'.repeat(30_000)
  expect([memo(long), memo(long)]).toEqual([30_000, 30_000])
  expect(read).toHaveLength(2)
})
