import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { SystemKey } from '../../src/model/system.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { exactly, report } from '../support/figures.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { limitedOpening, openSystem, RETAILER, registerPartner, transition } from '../support/opening.ts'
import { until } from '../support/shared-store.ts'
import { describeOnSite, type Instance, type Site, startSite, WIDE_SHIELD } from '../support/site.ts'
import { extractsOf, systemsOf } from '../support/systems-of.ts'

/**
 * What the gateway stands on and does not run: the OpenID provider away for an hour and more, the journal's database for
 * ten minutes. What is known goes on serving for as long as it may, then nothing does; health and metrics say so all the
 * time; and what comes back is taken up without anybody's doing. The hours pass by an injected clock.
 */

const AUDIENCE = 'https://gateway.test'
const PARTS: SystemKey = 'PARTS_LOGISTICS'
const BPNL = 'BPNL00000R000121'
const QUESTION = { query: '{ part(partNumber: "LR106259") { partNumber description } }' }
const MINUTE_MS = 60_000
const OF_PARTS = { deadlineMs: 30_000, shield: WIDE_SHIELD, connector: extractsOf(PARTS) }

async function metric({ app }: Instance, name: string): Promise<number | null> {
  const { payload } = await app.admin.inject('/metrics')
  const line = payload.split('\n').find(candidate => candidate.startsWith(`recovery_gateway_${name} `))
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ')))
}
const ready = async ({ app }: Instance) => (await app.admin.inject('/health/ready')).json()

describeOnSite('the OpenID provider away', () => {
  const KEEP_SECONDS = 7_200
  let site: Site
  let provider: OpenIdProvider
  let instance: Instance
  let aheadMs = 0
  let authorization: string

  beforeAll(async () => {
    ;[site, provider] = await Promise.all([
      startSite(),
      startOpenIdProvider({ audience: AUDIENCE, scopes: ['parts:read', 'restart:read'] }),
    ])
    const keys = { discovery: true, keepSeconds: KEEP_SECONDS, timeoutMs: 5_000 }
    instance = await site.start({
      clock: { now: () => Date.now() + aheadMs },
      settings: {
        systems: systemsOf({ [PARTS]: OF_PARTS }),
        identity: { issuer: provider.issuer, audience: AUDIENCE, algorithms: ['ES256'], keys },
      },
    })
    await registerPartner(site, instance, BPNL, { ...RETAILER, clients: ['by-secret'] })
    await openSystem(site, instance, PARTS, 'OPEN', { lifetimeSeconds: 43_200 })
    authorization = `Bearer ${(await provider.token('by-secret')).token}`
  })
  afterAll(async () => {
    await site?.stop()
    await provider?.close()
  })

  async function ask(): Promise<number> {
    const { statusCode } = await instance.app.partners.inject({
      method: 'POST',
      url: '/graphql',
      headers: { host: 'gateway.test', authorization, 'content-type': 'application/json' },
      payload: JSON.stringify(QUESTION),
    })
    return statusCode
  }
  const issuer = async () => (await ready(instance)).issuer
  /** The last one that the gateway knows of has failed: it is asked again with the first request that finds it due. */
  const untilNoticed = (reachable: boolean) =>
    until(async () => {
      await ask()
      return (await issuer()).reachable === reachable
    })

  test.each(['leave', 'freeze'] as const)(
    '%s: known keys serve for their bound, then no token does, until it is back',
    async how => {
      expect(await ask()).toBe(200)
      expect(await issuer()).toMatchObject({ reachable: true, usable: true, failure: null })
      await provider[how]()
      const awaySince = aheadMs
      let served = 0
      while (aheadMs - awaySince < 60 * MINUTE_MS) {
        aheadMs += MINUTE_MS
        expect(await ask()).toBe(200)
        served += 1
      }
      await untilNoticed(false)
      expect(await issuer()).toMatchObject({
        reachable: false,
        usable: true,
        ageSeconds: expect.any(Number),
        failure: expect.stringContaining('did not answer'),
      })
      const age = (await metric(instance, 'issuer_keys_age_seconds')) ?? 0
      expect(age).toBeGreaterThanOrEqual(3_600)
      expect(age).toBeLessThan(KEEP_SECONDS)
      expect(await metric(instance, 'issuer_reachable')).toBe(0)
      expect(await metric(instance, 'issuer_keys_usable')).toBe(1)

      // Held for their bound, and not a second longer.
      aheadMs += (KEEP_SECONDS - age - 60) * 1_000
      expect(await ask()).toBe(200)
      aheadMs += 61_000
      expect(await ask()).toBe(401)
      expect(await issuer()).toMatchObject({ reachable: false, usable: false })
      expect(await metric(instance, 'issuer_keys_usable')).toBe(0)
      const closedAfterMs = aheadMs - awaySince

      await (how === 'leave' ? provider.comeBack() : provider.thaw())
      aheadMs += MINUTE_MS
      await untilNoticed(true)
      expect(await ask()).toBe(200)
      expect(await issuer()).toMatchObject({ reachable: true, usable: true, failure: null })
      expect(await metric(instance, 'issuer_reachable')).toBe(1)
      const of = (what: string) => `${what}, OpenID provider away (${how})`
      report(23, {
        [of('answered in the first hour')]: { value: served, ...exactly(60) },
        [of('keys went on for')]: {
          value: Math.round(closedAfterMs / MINUTE_MS),
          atLeast: KEEP_SECONDS / 60,
          atMost: KEEP_SECONDS / 60 + 2,
          unit: 'min',
        },
      })
    },
  )
})

describeOnSite('the database of the journal away for ten minutes', () => {
  const SILENCE_SECONDS = 300
  /** Short of the bound by some looks that a busy machine may have had in vain before. */
  const HELD_SECONDS = 270
  const POLL_MS = 500
  let site: Site
  let proxy: FaultProxy
  /** By an injected clock, which goes ahead of the database's: so it writes nothing there, and nobody lets it. */
  let watched: Instance
  /** By the machine's clock, in the same looks. */
  let other: Instance
  let aheadMs = 0

  beforeAll(async () => {
    site = await startSite()
    proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(site.database.connectionString).port) })
    // Time without a look is no silence, so the looks must pass too; waits for the network stay real.
    jest.useFakeTimers({ doNotFake: [...DO_NOT_FAKE] })
    const settings = { systems: systemsOf({ [PARTS]: OF_PARTS }) }
    watched = await site.start({ clock: { now: () => Date.now() + aheadMs }, journalPort: proxy.port, settings })
    other = await site.start({ journalPort: proxy.port, settings })
    await registerPartner(site, other, BPNL, RETAILER)
    await openSystem(site, other, PARTS, 'OPEN', { lifetimeSeconds: 43_200 })
    await until(async () => (await codes()).every(code => code === 'ANSWERED'))
  })
  afterAll(async () => {
    jest.useRealTimers()
    await site?.stop()
    await proxy?.close()
  })

  /** What comes of the question, in both. */
  const codes = () =>
    Promise.all(
      [watched, other].map(async instance => {
        const { body } = await instance.ask('dms-1', QUESTION)
        return body.errors?.[0]?.extensions.code ?? 'ANSWERED'
      }),
    )
  const ANSWERED = ['ANSWERED', 'ANSWERED']
  const CLOSED = ['SYSTEM_NOT_OPEN', 'SYSTEM_NOT_OPEN']
  /** Lets a look pass every `pauseMs` until both say so. */
  const untilBoth = (condition: string, pauseMs: number) =>
    until(async () => {
      await pass(POLL_MS)
      await setTimeout(pauseMs)
      const all = await Promise.all([watched, other].map(ready))
      return all.every(({ journal }) => journal.condition === condition)
    })
  const suspension = (instance: Instance) => instance.app.recovery.current().state.systems[PARTS].suspension

  /** Lets this much time pass, look by look. */
  async function pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += POLL_MS) {
      aheadMs += POLL_MS
      jest.advanceTimersByTime(POLL_MS)
      await setImmediate()
    }
  }

  test.each(['refuse', 'freeze'] as const)(
    '%s: the state is held for its bound, then everything is closed; the journal is followed again',
    async fault => {
      expect(await codes()).toEqual(ANSWERED)
      await proxy.lay(fault)
      const awaySince = aheadMs
      // Few looks pass while it is found out, however slow this machine is: far fewer than are short of the bound.
      await untilBoth('OUT_OF_REACH', 500)
      expect(await metric(watched, 'journal_condition{condition="out_of_reach"}')).toBe(1)
      let served = 0
      while (aheadMs - awaySince < HELD_SECONDS * 1_000) {
        await pass(5_000)
        expect(await codes()).toEqual(ANSWERED)
        served += 1
      }
      const silence = (await metric(watched, 'journal_silence_seconds')) ?? 0
      expect(silence).toBeGreaterThanOrEqual(HELD_SECONDS)

      await pass((SILENCE_SECONDS - HELD_SECONDS + 20) * 1_000)
      expect(await codes()).toEqual(CLOSED)
      const closedAfterMs = aheadMs - awaySince
      while (aheadMs - awaySince < 10 * MINUTE_MS) {
        await pass(15_000)
        expect(await codes()).toEqual(CLOSED)
      }
      const { journal, ready: isReady } = await ready(watched)
      expect(journal).toMatchObject({ condition: 'OUT_OF_REACH', problem: expect.any(String) })
      // It answers still: that it is closed, and why.
      expect(isReady).toBe(true)
      for (const instance of [watched, other])
        expect(suspension(instance)).toMatchObject({ cause: 'JOURNAL_OUT_OF_REACH', recorded: false })
      expect(await metric(watched, 'journal_silence_seconds')).toBeGreaterThan(590)

      await proxy.lay(null)
      await untilBoth('FOLLOWED', 10)
      expect(await metric(watched, 'journal_condition{condition="followed"}')).toBe(1)
      await until(async () => {
        await pass(POLL_MS)
        await setTimeout(20)
        return ((await metric(watched, 'journal_silence_seconds')) ?? 0) < 30
      })
      await until(async () => {
        await pass(POLL_MS)
        return suspension(watched)?.recorded === true && suspension(other)?.recorded === true
      })
      // Whether it may serve again is for a person to say.
      expect(await codes()).toEqual(CLOSED)
      const again = transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1]))
      await other.submit(await site.sign('lifecycle-transition', again))
      await until(async () => {
        await pass(POLL_MS)
        return (await codes()).every(code => code === 'ANSWERED')
      })
      const of = (what: string) => `${what}, journal's database away (${fault})`
      report(23, {
        [of(`questions answered in its first ${HELD_SECONDS} s`)]: { value: served, atLeast: 1 },
        [of('closed at')]: {
          value: closedAfterMs / 1_000,
          atLeast: HELD_SECONDS,
          atMost: SILENCE_SECONDS + 30,
          unit: 's',
        },
      })
    },
  )
})

const DO_NOT_FAKE = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const
