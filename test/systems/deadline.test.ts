import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { DeadlineError, withinDeadline } from '../../src/systems/deadline.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

describe('a read with a deadline', () => {
  test('gives what the source gives in time, and leaves no timer behind', async () => {
    expect(await withinDeadline(100, async () => 'rows')).toBe('rows')
    expect(jest.getTimerCount()).toBe(0)
  })

  test('rejects with what the source rejects with, and leaves no timer behind', async () => {
    const failure = new Error('down')
    await expect(withinDeadline(100, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('rejects when a source throws before it gives a promise, and leaves no timer behind', async () => {
    const failure = new Error('down at once')
    const read = withinDeadline(100, () => {
      throw failure
    })
    await expect(read).rejects.toBe(failure)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('settles on time although the source never does and ignores the signal', async () => {
    const read = withinDeadline(100, () => new Promise(() => {}))
    const settled = expect(read).rejects.toThrow(DeadlineError)
    await jest.advanceTimersByTimeAsync(99)
    expect(jest.getTimerCount()).toBe(1)
    await jest.advanceTimersByTimeAsync(1)
    await settled
  })

  test('tells the source why it gives up, and not before', async () => {
    let given: AbortSignal | undefined
    const read = withinDeadline(100, signal => {
      given = signal
      return new Promise(() => {})
    })
    const settled = expect(read).rejects.toThrow('no answer within 100 ms')
    expect(given?.aborted).toBe(false)
    await jest.advanceTimersByTimeAsync(100)
    await settled
    expect(given?.reason).toBeInstanceOf(DeadlineError)
  })

  // Jest fails a test that leaves a rejection unhandled, as Node ends a process.
  test('keeps the late failure of a source that it gave up from ending the process', async () => {
    const { promise, reject } = Promise.withResolvers<never>()
    const settled = expect(withinDeadline(100, () => promise)).rejects.toThrow(DeadlineError)
    await jest.advanceTimersByTimeAsync(100)
    await settled
    reject(new Error('late'))
    await jest.advanceTimersByTimeAsync(100)
  })

  test('keeps its own clock from ending the process after a source has thrown at once', async () => {
    const read = withinDeadline(100, () => {
      throw new Error('down')
    })
    await expect(read).rejects.toThrow('down')
    await jest.advanceTimersByTimeAsync(200)
  })
})
