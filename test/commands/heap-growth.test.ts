import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { growthPercent } from '../../src/commands/serving/heap-growth.ts'

const MODULE = fileURLToPath(new URL('../../src/commands/serving/heap-growth.ts', import.meta.url))
const MIB = 1_048_576

/** Turns over a cache of 48 MiB of old objects, and says the most that the heap took. */
const TURNING_OVER = `
  const { keepHeapNear } = await import(process.argv[1])
  const bound = Number(process.argv[2])
  if (bound > 0) keepHeapNear(bound)
  const kept = new Map()
  let most = 0
  for (let n = 0; n < 3_000_000; n++) {
    kept.set(n, { text: 'x' + n, list: [n, n, n, n] })
    if (kept.size > 250_000) kept.delete(n - 250_000)
    if (n % 1_000 === 0) {
      most = Math.max(most, process.memoryUsage().heapTotal)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  process.stdout.write(String(most))
`

function mostHeap(bound: number): number {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', TURNING_OVER, MODULE, `${bound}`],
    {
      encoding: 'utf8',
    },
  )
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

describe('the heap of a process that serves', () => {
  test.each([
    [100, 1_000, 200],
    [100, 300, 200],
    [100, 299, 199],
    [100, 200, 100],
    [100, 131, 31],
    [100, 100, 30],
    [500, 100, 30],
  ])('of %i MiB may grow, for a goal of %i MiB, by %i percent', (used, goal, percent) => {
    expect(growthPercent(used * MIB, goal * MIB)).toBe(percent)
  })

  test('stays smaller with a bound than without one, whatever turns over in it', () => {
    const [bounded, unbounded] = [mostHeap(200 * MIB), mostHeap(0)]
    expect(bounded).toBeLessThan(unbounded)
  })
})
