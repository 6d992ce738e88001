import { describe, expect, test } from '@jest/globals'
import { createFairLine } from '../../../src/systems/shield/fair-line.ts'

function lineOf(...waiting: readonly (readonly [by: string, item: string])[]) {
  const line = createFairLine<string>()
  for (const [by, item] of waiting) line.add(by, item)
  return line
}
const served = (line: ReturnType<typeof lineOf>) => Array.from({ length: line.size }, () => line.next())

describe('a line of partners', () => {
  test('is served in turn, and each partner in its own order', () => {
    const line = lineOf(['a', 'a1'], ['a', 'a2'], ['a', 'a3'], ['b', 'b1'], ['c', 'c1'], ['c', 'c2'])
    expect(served(line)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
    expect(line.next()).toBeUndefined()
  })

  test('does not let one who comes back jump the turn', () => {
    const line = lineOf(['a', 'a1'], ['b', 'b1'])
    expect(line.next()).toBe('a1')
    line.add('a', 'a2')
    expect(served(line)).toEqual(['b1', 'a2'])
  })

  test('serves the one of a partner next but one, although another has a thousand waiting', () => {
    const line = lineOf(...Array.from({ length: 1_000 }, (_, n) => ['many', `${n}`] as const))
    expect(line.ahead('one')).toBe(1)
    line.add('one', 'the one')
    expect([line.next(), line.next()]).toEqual(['0', 'the one'])
  })

  test('forgets who has left', () => {
    const line = lineOf(['a', 'a1'], ['b', 'b1'], ['b', 'b2'])
    line.remove('b', 'b1')
    line.remove('a', 'a1')
    line.remove('a', 'a1')
    expect(line.size).toBe(1)
    expect(served(line)).toEqual(['b2'])
  })

  test('knows how many are served before another, at most', () => {
    const line = lineOf(['a', 'a1'], ['a', 'a2'], ['a', 'a3'], ['b', 'b1'])
    expect([line.ahead('a'), line.ahead('b'), line.ahead('c')]).toEqual([4, 3, 2])
  })

  test('makes room at the cost of whoever has the most, from the end of its line', () => {
    const line = lineOf(['a', 'a1'], ['a', 'a2'], ['b', 'b1'])
    expect(line.dropNewest('c')).toBe('a2')
    expect(line.dropNewest('b')).toBeUndefined()
    expect(line.dropNewest('a')).toBeUndefined()
    expect(served(line)).toEqual(['a1', 'b1'])
  })
})
