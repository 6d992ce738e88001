import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { createTurns } from '../../src/connectors/extracts/turns.ts'

const staying = new AbortController().signal

/** A task that a test ends, and whether it has begun. */
function createTask() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const task = {
    hasBegun: false,
    end: resolve,
    run: () => {
      task.hasBegun = true
      return promise
    },
  }
  return task
}

const begun = (tasks: readonly { readonly hasBegun: boolean }[]) => tasks.map(({ hasBegun }) => hasBegun)

test('tasks have their turns in the order in which they came, so many at once', async () => {
  const turns = createTurns({ mostActive: 2, mostWaiting: 10 })
  const tasks = [createTask(), createTask(), createTask(), createTask()]
  const taken = tasks.map(({ run }) => turns.take(run, staying))
  await setImmediate()
  expect(begun(tasks)).toEqual([true, true, false, false])
  tasks[1]?.end()
  await setImmediate()
  expect(begun(tasks)).toEqual([true, true, true, false])
  for (const { end } of tasks) end()
  await Promise.all(taken)
  expect(begun(tasks)).toEqual([true, true, true, true])
})

test('one that is abandoned while it waits never begins, and leaves its place to others', async () => {
  const turns = createTurns({ mostActive: 1, mostWaiting: 1 })
  const [first, abandoned, next] = [createTask(), createTask(), createTask()]
  const leaving = new AbortController()
  const taken = turns.take(first.run, staying)
  const left = turns.take(abandoned.run, leaving.signal)
  await expect(turns.take(next.run, staying)).rejects.toThrow('too many reads of the extracts wait')
  leaving.abort(new Error('the caller has gone'))
  await expect(left).rejects.toThrow('the caller has gone')
  const last = turns.take(next.run, staying)
  first.end()
  await taken
  next.end()
  await last
  expect(begun([first, abandoned, next])).toEqual([true, false, true])
})

test('one that is abandoned at work keeps its turn until it has ended', async () => {
  const turns = createTurns({ mostActive: 1, mostWaiting: 10 })
  const [abandoned, next] = [createTask(), createTask()]
  const leaving = new AbortController()
  const left = turns.take(abandoned.run, leaving.signal)
  const last = turns.take(next.run, staying)
  leaving.abort(new Error('the caller has gone'))
  await expect(left).rejects.toThrow('the caller has gone')
  await setImmediate()
  expect(next.hasBegun).toBe(false)
  abandoned.end()
  next.end()
  await last
})

test('one whose turn comes in the moment in which it is abandoned hands it on', async () => {
  const turns = createTurns({ mostActive: 1, mostWaiting: 10 })
  const [first, abandoned, next] = [createTask(), createTask(), createTask()]
  const leaving = new AbortController()
  const taken = turns.take(first.run, staying).then(() => leaving.abort(new Error('the caller has gone')))
  const left = turns.take(abandoned.run, leaving.signal)
  const last = turns.take(next.run, staying)
  first.end()
  await taken
  abandoned.end()
  await left.catch(() => {})
  next.end()
  await last
  expect(next.hasBegun).toBe(true)
})
