import { afterEach, expect, test } from '@jest/globals'
import type { Observation } from '../../src/recovery/lifecycle/observation.ts'
import { createWatch, type Watch } from '../../src/systems/watch.ts'
import { type LogLine, quietLog } from '../connectors/quiet-log.ts'
import { recoveryOf } from '../support/declared-recovery.ts'

const seen: Observation = {
  at: '2025-10-08T05:30:00.000Z',
  asOf: '2025-10-08T05:00:00.000Z',
  readOnlyProven: true,
  writeAccepted: false,
  totals: {},
  reads: { answered: 1, failed: 0 },
  failure: null,
}
const watches: Watch[] = []
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
})

function watchOver(examine: (system: string) => Promise<Observation>, onObservation: (system: string) => void) {
  const lines: LogLine[] = []
  const recovery = recoveryOf({
    PARTS_LOGISTICS: { lifecycle: 'OPEN' },
    WHOLESALE_FINANCE: { lifecycle: 'QUARANTINED' },
    PRODUCTION_SCHEDULE: { lifecycle: 'VERIFIED' },
  })
  const restored = Object.fromEntries(
    Object.keys(recovery.current().epochs).map(key => [key, { examine: () => examine(key) }]),
  ) as unknown as Parameters<typeof createWatch>[0]['restored']
  const watch = createWatch({ restored, recovery, everySeconds: 3_600, onObservation, log: quietLog(lines) })
  watches.push(watch)
  return { watch, lines }
}

test('it looks at what rests on evidence, one after the other, and at nothing else', async () => {
  const looked: string[] = []
  let running = 0
  const { watch } = watchOver(
    async () => {
      expect(++running).toBe(1)
      await Promise.resolve()
      running--
      return seen
    },
    system => looked.push(system),
  )
  await watch.look()
  expect(looked).toEqual(['PARTS_LOGISTICS', 'PRODUCTION_SCHEDULE'])
})

test('a look that fails is logged and harms nothing; the next one is taken', async () => {
  let looks = 0
  const { watch, lines } = watchOver(
    async () => {
      if (++looks === 1) throw new Error('broken')
      return seen
    },
    () => {},
  )
  await watch.look()
  expect(lines).toMatchObject([{ level: 'error' }])
  await watch.look()
  // Of the first look the second system, and both of the next.
  expect(looks).toBe(4)
})
