import { describe, expect, test } from '@jest/globals'
import { createProof } from '../../src/systems/proof.ts'

function proofOf(outcomes: readonly (() => Promise<void>)[]) {
  let now = 0
  let attempts = 0
  const proof = createProof(() => outcomes[attempts++]?.() ?? Promise.resolve(), { now: () => now })
  return {
    proof,
    attempts: () => attempts,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}
const fails = (reason: string) => () => Promise.reject(new Error(reason))

describe('a proof', () => {
  test('that is shown is not asked for again', async () => {
    const { proof, attempts, pass } = proofOf([])
    await proof.shown()
    pass(1_000_000)
    await proof.shown()
    expect(attempts()).toBe(1)
  })

  test('is attempted once for all who wait for it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { proof, attempts, pass } = proofOf([() => promise])
    const waiting = [proof.shown(), proof.shown()]
    pass(5_000)
    waiting.push(proof.shown())
    resolve()
    await Promise.all(waiting)
    expect(attempts()).toBe(1)
  })

  test('that failed is remembered for a second, with its reason', async () => {
    const { proof, attempts, pass } = proofOf([fails('no such table'), fails('asked again')])
    await expect(proof.shown()).rejects.toThrow('no such table')
    pass(999)
    await expect(proof.shown()).rejects.toThrow('no such table')
    expect(attempts()).toBe(1)
  })

  test('that failed is attempted again after a second, by one of all who ask', async () => {
    const { proof, attempts, pass } = proofOf([fails('down')])
    await expect(proof.shown()).rejects.toThrow('down')
    pass(1_000)
    await Promise.all([proof.shown(), proof.shown()])
    expect(attempts()).toBe(2)
  })

  test('is remembered from when it failed, not from when it began', async () => {
    const { promise, reject } = Promise.withResolvers<void>()
    const { proof, attempts, pass } = proofOf([() => promise])
    const first = expect(proof.shown()).rejects.toThrow('slow')
    pass(10_000)
    reject(new Error('slow'))
    await first
    pass(999)
    await expect(proof.shown()).rejects.toThrow('slow')
    expect(attempts()).toBe(1)
  })

  // Jest fails a test that leaves a rejection unhandled, as Node ends a process.
  test('that fails does not end the process when all who waited heard of it', async () => {
    const { proof } = proofOf([fails('down')])
    const heard = await Promise.allSettled([proof.shown(), proof.shown()])
    expect(heard.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
