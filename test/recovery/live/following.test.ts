import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import type { AcceptedStatement } from '../../../src/recovery/fold/accepted.ts'
import { type Journal, JournalFault } from '../../../src/recovery/journal/journal.ts'
import { createFollowing, type Following, type JournalTrouble } from '../../../src/recovery/live/following.ts'
import { readStatement } from '../../../src/recovery/statements/read.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { INCIDENT, sampleKeys, signSample } from '../statements/sample.ts'

/** Following over a journal that does as the test says, and a clock that the test moves. */

const open: Following[] = []
afterEach(() => {
  for (const following of open.splice(0)) following.close()
})

const keys = await sampleKeys()
const signatory = keys.ring.all().find(({ role }) => role === 'FORENSICS_LEAD')
const token = await signSample('incident-fact', keys)

function entry(sequence: number): AcceptedStatement {
  if (signatory === undefined) throw new Error(`no key for ${INCIDENT}`)
  const statement = readStatement(token, signatory)
  return { sequence, hash: `${sequence}`, recordedAt: '2025-10-06T08:00:00.000Z', statement, guards: [] }
}

function follow(catchUp: () => Promise<readonly AcceptedStatement[]>, onEntries?: () => void) {
  let nowMs = 1_000_000
  let notify = () => {}
  const got: number[] = []
  const troubles: JournalTrouble[] = []
  const journal: Journal = {
    head: () => ({ journal: '', sequence: got.at(-1) ?? 0, hash: '', recordedAt: null }),
    catchUp,
    append: () => Promise.reject(new Error('nobody appends here')),
    rows: async () => [],
    checkpoint: async () => null,
    clockOffsetMs: async () => 0,
    onAppend(listener) {
      notify = listener
      return () => {}
    },
    close: async () => {},
  }
  const following = createFollowing({
    journal,
    pollMs: 20,
    silenceMs: 200,
    clock: { now: () => nowMs },
    log: quietLog(),
    onEntries: onEntries ?? (entries => void got.push(...entries.map(({ sequence }) => sequence))),
    onTrouble: trouble => void troubles.push(trouble),
  })
  open.push(following)
  return {
    following,
    got,
    troubles,
    notify: () => notify(),
    pass: (milliseconds: number) => {
      nowMs += milliseconds
    },
  }
}

const unreachable = () => Promise.reject(new Error('connection refused'))

test('what is new has been handed on when catching up resolves, and where it stands is known', async () => {
  const batches = [[entry(1), entry(2)], [], [entry(3)]]
  const { following, got } = follow(async () => batches.shift() ?? [])
  await following.catchUp()
  expect(got).toEqual([1, 2])
  expect(following.find(entry(1).statement.id)).toEqual({ sequence: 2, recordedAt: '2025-10-06T08:00:00.000Z' })
  expect(following.health()).toMatchObject({ condition: 'FOLLOWED', problem: null })
})

test('a call while a read is under way waits for one that begins later: what it asks for may have been missed', async () => {
  const first = Promise.withResolvers<readonly AcceptedStatement[]>()
  let reads = 0
  const { following, got } = follow(() => (++reads === 1 ? first.promise : Promise.resolve([entry(reads)])))
  const early = following.catchUp()
  const late = following.catchUp()
  first.resolve([entry(1)])
  await early
  await late
  expect(got).toEqual([1, 2])
})

test('a notification brings the entry, and without one the next look does', async () => {
  let sequence = 0
  const { got, notify } = follow(async () => [entry(++sequence)])
  notify()
  await setTimeout(10)
  expect(got.length).toBeGreaterThanOrEqual(1)
  await setTimeout(100)
  expect(got.length).toBeGreaterThanOrEqual(3)
})

test('out of reach is no trouble within its bound, and is beyond it; what comes back in between counts', async () => {
  let catchUp: () => Promise<readonly AcceptedStatement[]> = async () => []
  const { following, troubles } = follow(() => catchUp())
  await following.catchUp()
  catchUp = unreachable
  await setTimeout(100)
  expect(troubles).toEqual([])
  expect(following.health()).toMatchObject({ condition: 'OUT_OF_REACH', problem: 'connection refused' })
  await setTimeout(300)
  expect(troubles[0]).toMatchObject({ cause: 'JOURNAL_OUT_OF_REACH' })
  catchUp = async () => []
  await setTimeout(100)
  expect(following.health()).toMatchObject({ condition: 'FOLLOWED' })
  const before = troubles.length
  await setTimeout(300)
  expect(troubles).toHaveLength(before)
})

test('a machine that was paused, or whose clock was put forward, has not been silent: it looks first', async () => {
  const { troubles, pass } = follow(async () => [])
  await setTimeout(50)
  pass(86_400_000)
  await setTimeout(100)
  expect(troubles).toEqual([])
})

test('a read that never ends is out of reach like one that fails', async () => {
  const { troubles, notify } = follow(() => new Promise(() => {}))
  notify()
  await setTimeout(400)
  expect(troubles[0]).toMatchObject({ cause: 'JOURNAL_OUT_OF_REACH' })
})

test('entries that no state can be made of are a fault for good: the next read does not forget them', async () => {
  const batches = [[entry(4)], [], [entry(5)]]
  const { following, troubles, got } = follow(
    async () => batches.shift() ?? [],
    () => {
      throw new RangeError('a gap')
    },
  )
  await expect(following.catchUp()).rejects.toThrow('journal entry 4: it cannot be made a state of: a gap')
  await setTimeout(100)
  expect(troubles[0]).toMatchObject({ cause: 'JOURNAL_NOT_VERIFIED' })
  expect([following.health().condition, got]).toEqual(['NOT_VERIFIED', []])
})

test('a journal that does not verify is trouble at once, for good, and says where', async () => {
  const { following, troubles } = follow(() => Promise.reject(new JournalFault(7, 'its seal does not hold')))
  await expect(following.catchUp()).rejects.toThrow('journal entry 7: its seal does not hold')
  await setTimeout(60)
  expect(troubles[0]).toEqual({ cause: 'JOURNAL_NOT_VERIFIED', reason: 'journal entry 7: its seal does not hold' })
  expect(following.health()).toMatchObject({ condition: 'NOT_VERIFIED' })
})
