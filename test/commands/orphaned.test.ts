import { expect, test } from '@jest/globals'
import { watchForOrphaning } from '../../src/commands/orphaned.ts'

test('whoever is left by its parent is told, once', async () => {
  let parent = 100
  let told = 0
  await new Promise<void>(resolve => {
    watchForOrphaning(
      () => parent,
      () => {
        told++
        resolve()
      },
    )
    parent = 1
  })
  parent = 2
  await new Promise(resolve => setTimeout(resolve, 500))
  expect(told).toBe(1)
})

test('a watch that was ended tells nobody', async () => {
  let parent = 100
  let told = 0
  const end = watchForOrphaning(
    () => parent,
    () => {
      told++
    },
  )
  end()
  parent = 1
  await new Promise(resolve => setTimeout(resolve, 500))
  expect(told).toBe(0)
})
