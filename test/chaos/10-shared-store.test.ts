import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createKey, type TestKey } from '../identity/issuer.ts'
import { thumbprintOf } from '../identity/proofs.ts'
import { type Arrival, latency, startArrivals, tally } from '../support/arrivals.ts'
import { type Client, createClient, outcomeOf, type Reply } from '../support/client.ts'
import { createDpopClient, type DpopClient, isNonceWanted } from '../support/dpop-client.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { overSeconds } from '../support/seconds.ts'
import { until } from '../support/shared-store.ts'
import { judge, partAt, processAt, questionAt } from './part-questions.ts'
import { BEARER, DISABLED, DPOP, startTwoGateways, type TwoGateways } from './two-gateways.ts'

/**
 * The shared store frozen, then killed, then back, under a constant load of bearer and DPoP partners at two processes:
 * it costs speed, never an answer, and lets in nobody and no proof that it would have kept out.
 */

const OUTAGE_MS = sized(1_500, 30_000)
const HEALTHY_MS = sized(1_500, 10_000)
const PER_SECOND = 100

describeWith(['postgres', 'redis'], 'two processes while their shared store is away', () => {
  let two: TwoGateways
  let client: Client
  let clientKey: TestKey
  let boundToken: string
  let disabled: string
  let dpop: DpopClient
  /** Taken while the store answered. */
  let byStore: readonly string[]

  beforeAll(async () => {
    two = await startTwoGateways()
    client = createClient()
    clientKey = await createKey('client')
    boundToken = await two.token(DPOP.client, { cnf: { jkt: await thumbprintOf(clientKey) } })
    disabled = `Bearer ${await two.token(DISABLED.client)}`
    dpop = dpopClient()
    await untilStore(1)
    byStore = await takenByStore(10)
  })
  afterAll(async () => {
    await client?.close()
    await two?.stop()
  })

  const dpopClient = (key = clientKey) => createDpopClient({ client, key, token: boundToken })
  const urls = () => two.gateways.map(({ partners }) => partners)
  const untilStore = (reachable: 0 | 1) =>
    until(async () => (await two.metrics('shared_store_reachable')).every(value => value === reachable))
  /** Has both take proofs by the word of the store alone, as soon as it gives it; gives the proofs. */
  async function takenByStore(count: number): Promise<readonly string[]> {
    const taken: string[] = []
    for (const url of urls())
      for (let n = 0; n < count; n += 1)
        await until(async () => {
          const proof = await dpop.proof(url, { nonce: undefined })
          const { status } = await dpop.send(url, proof)
          if (status === 200) taken.push(proof)
          return status === 200
        })
    return taken
  }

  /** Everybody who must not be let in, at both processes; the partner once he is disabled. */
  async function knock(): Promise<readonly string[]> {
    const authorizations = [
      disabled,
      `Bearer ${await two.token(BEARER.client, {}, await createKey(two.issuerKey.kid))}`,
      `Bearer ${await two.token(DPOP.client)}`,
      `Bearer ${boundToken}`,
      `DPoP ${boundToken}`,
      `Bearer ${await two.token(BEARER.client, { scope: 'restart:read' })}`,
    ]
    const stolen = dpopClient(await createKey('other'))
    const replies = urls().flatMap(url => [
      ...authorizations.map(authorization => client.ask(url, { authorization, question: questionAt(0) })),
      stolen.ask(url, questionAt(0)),
    ])
    return (await Promise.all(replies)).map(outcomeOf)
  }

  /** Proofs that were taken, again and at both; by a thief, whose answers teach the client nothing. */
  async function replay(proofs: readonly string[]): Promise<readonly Reply[]> {
    const thief = dpopClient()
    return Promise.all(proofs.flatMap(proof => urls().map(url => thief.send(url, proof))))
  }

  async function disable(): Promise<void> {
    const grant = { sub: `urn:partner:${DISABLED.bpnl}`, action: 'DISABLE' }
    await two.operator.submit(await two.site.sign('partner-grant', grant))
    for (const url of urls())
      await until(async () => (await client.ask(url, { authorization: disabled })).status === 403)
  }

  test('every request is answered rightly, nobody is let in, and no proof is taken twice', async () => {
    const bearer = `Bearer ${await two.token(BEARER.client)}`
    for (const url of urls()) expect(outcomeOf(await client.ask(url, { authorization: disabled }))).toBe('ANSWERED')
    /** Taken while it did not, by a nonce of the process. */
    const byNonce: string[] = []
    const asked = new Set<string>()
    const readsAtStart = await two.reads()
    const load = startArrivals({
      perSecond: PER_SECOND,
      async ask(n) {
        asked.add(partAt(n).partNumber)
        const [url, question] = [urls()[processAt(n)] ?? '', questionAt(n)]
        if (n % 2 === 0) return judge(n, BEARER.bpnl, await client.ask(url, { authorization: bearer, question }))
        const reply = await dpop.ask(url, question)
        if (reply.status === 200 && reply.usedNonce) byNonce.push(reply.proof)
        return judge(n, DPOP.bpnl, reply)
      },
    })

    const phases: { readonly name: string; readonly fromMs: number }[] = []
    const enter = (name: string) => void phases.push({ name, fromMs: performance.now() })
    const refused: string[] = []
    const replayed: Reply[] = []
    async function attack(): Promise<void> {
      replayed.push(...(await replay([...byStore, ...byNonce.slice(0, 10), ...byNonce.slice(-10)])))
      refused.push(...(await knock()))
    }

    enter('before')
    await setTimeout(HEALTHY_MS)
    enter('frozen')
    two.store.freeze()
    await untilStore(0)
    await disable()
    await attack()
    await setTimeout(OUTAGE_MS)
    enter('killed')
    await two.store.kill()
    await attack()
    await setTimeout(OUTAGE_MS)
    enter('back')
    await two.store.restart()
    await untilStore(1)
    await attack()
    await setTimeout(HEALTHY_MS)
    enter('end')
    const arrivals = await load.stop()

    const during = (name: string): readonly Arrival[] => {
      const index = phases.findIndex(phase => phase.name === name)
      const [from = 0, to = 0] = [phases[index]?.fromMs, phases[index + 1]?.fromMs]
      return arrivals.filter(({ dueMs }) => dueMs >= from && dueMs < to)
    }
    const addedMs = (name: string) => latency(during(name)).p99Ms - latency(during('before')).p99Ms
    const reads = (await two.reads()) - readsAtStart
    const [misses, bound] = [await two.metrics(MISSES), asked.size * urls().length]
    const replays = replayed.map(reply => ({ outcome: isNonceWanted(reply) ? '401 use_dpop_nonce' : outcomeOf(reply) }))
    const knocks = tally(refused.map(outcome => ({ outcome })))

    // What must not be, however busy the machine, is a wait for the store.
    expect(latency(arrivals).slowestMs).toBeLessThan(5_000)
    expect(reads).toBeGreaterThan(asked.size / 2)
    expect(Object.keys(knocks).sort()).toEqual(['401 UNAUTHENTICATED', '403 FORBIDDEN'])
    expect(knocks['403 FORBIDDEN']).toBe(3 * 2 * urls().length)
    expect(byNonce.length).toBeGreaterThan(20)
    expect(new Set(replayed.map(({ status }) => status))).toEqual(new Set([401]))
    // Not for their age: one as old that was never used is taken.
    const [url = ''] = urls()
    const iat = issuedAt(byStore[0] ?? '')
    await dpop.ask(url)
    expect((await dpop.send(url, await dpop.proof(url, { iat }))).status).toBe(200)
    await takenByStore(1)

    const count = (outcome: string) => arrivals.filter(arrival => arrival.outcome === outcome).length
    const letIn = [...replayed, ...refused.map(outcome => ({ status: Number.parseInt(outcome, 10) }))]
    const span = { fromMs: phases[0]?.fromMs ?? 0, toMs: phases.at(-1)?.fromMs ?? 0 }
    const outages = phases
      .slice(1, -1)
      .map(({ name, fromMs }) => `${name} at ${((fromMs - span.fromMs) / 1_000).toFixed(0)} s`)
    report(
      10,
      {
        requests: arrivals.length,
        wrong: { value: count('WRONG'), ...exactly(0), of: arrivals.length },
        'answered rightly': { value: (count('RIGHT') / arrivals.length) * 100, atLeast: 99.9, unit: '%' },
        'let in that should not be': {
          value: letIn.filter(({ status }) => status !== 401 && status !== 403).length,
          ...exactly(0),
          of: letIn.length,
        },
        'p99 added while frozen': { value: addedMs('frozen'), atMost: 250, unit: 'ms', isTimed: true },
        'p99 added while killed': { value: addedMs('killed'), atMost: 250, unit: 'ms', isTimed: true },
        // Each process reads a part once: that is what no store costs, and no more is asked of a system for its going.
        'reads of parts by PostgreSQL': { value: reads, atMost: bound },
        'of which by the gateways': misses.join(' + '),
        'replays of proofs': JSON.stringify(tally(replays)),
        'disabled, forged, unbound, stolen, without the scope': JSON.stringify(knocks),
      },
      [
        {
          title: `Answered rightly, each second (${outages.join(', ')})`,
          unit: '/s',
          points: overSeconds(
            arrivals,
            span,
            ({ dueMs }) => dueMs,
            all => all.filter(({ outcome }) => outcome === 'RIGHT').length,
          ),
          level: { label: 'asked', value: PER_SECOND },
        },
        {
          title: 'Slowest of each second',
          unit: 'ms',
          points: overSeconds(
            arrivals,
            span,
            ({ dueMs }) => dueMs,
            all => Math.max(0, ...all.map(({ tookMs }) => tookMs)),
          ),
        },
      ],
    )
  }, 300_000)
})

const MISSES = 'field_cache_lookups_total{field="Query.part",outcome="miss"}'

function issuedAt(proof: string): number {
  return JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()).iat
}
