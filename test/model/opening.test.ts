import { expect, test } from '@jest/globals'
import { openTogether } from '../../src/model/opening.ts'

test('what was opened is closed, the last first, where something cannot be opened, and that is what is said', async () => {
  const closed: string[] = []
  const opening = openTogether(async opened => {
    opened.defer(() => void closed.push('first'))
    opened.defer(() => {
      closed.push('second')
      throw new Error('cannot be closed')
    })
    opened.defer(async () => void closed.push('third'))
    throw new Error('cannot be opened')
  })
  await expect(opening).rejects.toThrow('cannot be opened')
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('what could be opened stays open until it is closed', async () => {
  let isOpen = true
  const close = await openTogether(async opened => {
    opened.defer(() => {
      isOpen = false
    })
    return () => opened.disposeAsync()
  })
  expect(isOpen).toBe(true)
  await close()
  expect(isOpen).toBe(false)
})
