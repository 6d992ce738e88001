import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { valueBytes } from '../../src/responses/held-bytes.ts'

const HOLDING = fileURLToPath(new URL('holding-process.ts', import.meta.url))
const MAX_BYTES = 8_000_000

describe('a full cache takes the memory that it counts', () => {
  test.each([
    ['answers', 20],
    ['answers', 250],
    ['answers', 4_000],
    ['questions', 12],
    ['questions', 250],
    ['questions', 4_000],
  ])('of %s with a text of %i characters', async (cache, length) => {
    const args = ['--disable-warning=ExperimentalWarning', HOLDING, cache, String(MAX_BYTES), String(length)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { growth } = JSON.parse(stdout)
    expect(growth / MAX_BYTES).toBeGreaterThan(0.8)
    expect(growth / MAX_BYTES).toBeLessThan(1.2)
  })
})

test('what is nested counts with all that it holds', () => {
  const part = { partNumber: '8K0-941-029', quantities: [1, 2.5, null] }
  expect(valueBytes([part, part])).toBeGreaterThan(2 * valueBytes(part))
  expect(valueBytes(Array.from({ length: 1_000 }, () => ({})))).toBeGreaterThan(56_000)
  expect(valueBytes('Ж'.repeat(1_000))).toBeGreaterThan(2_000)
})
