import { expect, test } from '@jest/globals'
import { createExecutions } from '../../src/admission/executions.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { viewerOf } from './viewer.ts'

const PARTS: ReadonlySet<SystemKey> = new Set(['PARTS_LOGISTICS'])
const alpha = viewerOf('BPNL0000000ALPHA')
const beta = viewerOf('BPNL00000000BETA')

function start(mostPerPartner: number) {
  let refusals = 0
  const told: string[] = []
  const executions = createExecutions({
    mostPerPartner,
    onRefusal() {
      refusals += 1
    },
    onBegin: () => told.push('begun'),
    onEnd: () => told.push('ended'),
    random: () => 0.5,
  })
  const begin = (viewer = alpha) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    return { ended: executions.run(viewer, PARTS, () => promise), resolve, reject }
  }
  return { executions, begin, refusals: () => refusals, told }
}

test('one more than a partner may have is refused at once, says when to come back, and does not run', async () => {
  const { executions, begin, refusals } = start(2)
  const running = [begin(), begin()]
  let hasRun = false
  const refused = executions.run(alpha, null, async () => {
    hasRun = true
  })
  await expect(refused).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    details: { inFlight: 2, inFlightLimit: 2, retryAfterSeconds: 2 },
  })
  expect([hasRun, refusals(), executions.underWay()]).toEqual([false, 1, 2])
  for (const { resolve } of running) resolve('done')
})

test('another partner, and another client of the same, count for themselves and for their partner', async () => {
  const { executions, begin } = start(1)
  const first = begin()
  const other = begin(beta)
  expect(() => executions.assertRoom({ ...alpha, clientId: 'another client' }, PARTS)).toThrow()
  first.resolve('done')
  other.resolve('done')
  expect(await Promise.all([first.ended, other.ended])).toEqual(['done', 'done'])
})

test.each(['resolve', 'reject'] as const)('a place is free again when its execution ends: %s', async end => {
  const { executions, begin } = start(1)
  for (let round = 0; round < 3; round += 1) {
    const one = begin()
    one[end]('over')
    await one.ended.catch(() => {})
  }
  expect(executions.underWay()).toBe(0)
  expect(() => executions.assertRoom(alpha, PARTS)).not.toThrow()
})

test('what throws before it has begun to wait gives its place back, too', async () => {
  const { executions } = start(1)
  const failing = () => {
    throw new Error('at once')
  }
  await expect(executions.run(alpha, PARTS, failing)).rejects.toThrow('at once')
  expect(executions.underWay()).toBe(0)
})

test('what reads no system takes no place, and needs none', async () => {
  const { executions, begin } = start(1)
  const only = begin()
  expect(await executions.run(alpha, new Set(), async () => executions.underWay())).toBe(1)
  only.resolve('done')
})

test('tells of each that begins and of each that ends, however it does, and of nothing that takes no place', async () => {
  const { executions, begin, told } = start(2)
  const [one, other] = [begin(), begin(beta)]
  await executions.run(alpha, new Set(), async () => 'the state of the gateway')
  expect(told).toEqual(['begun', 'begun'])
  one.resolve('done')
  other.reject(new Error('failed'))
  await Promise.allSettled([one.ended, other.ended])
  expect(told).toEqual(['begun', 'begun', 'ended', 'ended'])
})
