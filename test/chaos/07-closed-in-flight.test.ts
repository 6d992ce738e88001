import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type pg from 'pg'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { type Client, createClient, outcomeOf, type Reply } from '../support/client.ts'
import { TEST_DATASET } from '../support/dataset.ts'
import { exactly, report } from '../support/figures.ts'
import { sized } from '../support/form.ts'
import { describeWith } from '../support/needs.ts'
import { limitedOpening, RETAILER, registerPartner, transition } from '../support/opening.ts'
import { until } from '../support/shared-store.ts'
import { WIDE_SHIELD } from '../support/site.ts'
import { BEARER, DISABLED, DPOP, startTwoGateways, type TwoGateways } from './two-gateways.ts'

/**
 * A system is closed, and partners are disabled, while a thousand reads of it wait in its own database, asked at two
 * processes that share a journal and a store: nothing of what they read is given to anybody afterwards, or kept for later.
 */
const READS = sized(500, 1_000)
const PARTNERS = 20
const DEADLINE_MS = 30_000
/** After this, nothing may be served any more. */
const LATEST_MS = 1_000
const PARTS = 'PARTS_LOGISTICS'

const dataset = createDataset(TEST_DATASET)
/** The last is asked for to see how things stand, and so is kept. */
const parts = [...dataset.rows(partRelation)].map(({ partNumber }) => String(partNumber))
const looked = parts.pop() ?? ''
const registered = [BEARER, DPOP, DISABLED].map(({ bpnl }) => bpnl)
const partners = dataset.partners.retailers.filter(({ bpnl }) => !registered.includes(bpnl)).slice(0, PARTNERS)

interface Asked {
  readonly bpnl: string
  readonly reply: Reply
  /** Of `performance.now()`. */
  readonly answeredMs: number
}

describeWith(['postgres', 'redis'], 'reads in flight at two processes', () => {
  let two: TwoGateways
  let client: Client
  let database: pg.Client
  let authorizations: ReadonlyMap<string, string>

  beforeAll(async () => {
    two = await startTwoGateways({ deadlineMs: DEADLINE_MS, shield: WIDE_SHIELD })
    client = createClient({ connections: READS })
    database = await two.partsSession()
    for (const { bpnl, client } of partners)
      await registerPartner(two.site, two.operator, bpnl, { ...RETAILER, clients: [client] })
    const tokens = partners.map(async ({ bpnl, client }) => [bpnl, `Bearer ${await two.token(client)}`] as const)
    authorizations = new Map(await Promise.all(tokens))
    await until(async () => (await askAll()).every(({ reply }) => outcomeOf(reply) === 'ANSWERED'))
  })
  afterAll(async () => {
    await client?.close()
    await database?.end()
    await two?.stop()
  })

  /** Questions, no two alike, of twenty partners at both. */
  function askAll(onAnswer: () => void = () => {}): Promise<readonly Asked[]> {
    const asked = Array.from({ length: READS }, async (_, n) => {
      const { bpnl } = partners[n % partners.length] ?? { bpnl: '' }
      const query = `{ viewer { partner { bpnl } } part(partNumber: "${parts[n % parts.length]}") { partNumber description } }`
      const url = two.gateways[Math.floor(n / partners.length) % two.gateways.length]?.partners ?? ''
      const authorization = authorizations.get(bpnl) ?? ''
      const reply = await client.ask(url, { authorization, question: { query: `query Q${n} ${query}` } })
      onAnswer()
      return { bpnl, reply, answeredMs: performance.now() }
    })
    return Promise.all(asked)
  }

  const submit = async (kind: 'lifecycle-transition' | 'partner-grant', claims: object) =>
    two.operator.submit(await two.site.sign(kind, claims))
  const isServed = ({ reply }: Asked) => reply.body.data?.part != null

  /**
   * Has everybody ask while the table is locked, closes, and lets the reads go on once that has been in force for its time;
   * what was read is then changed, so that whatever was kept of it is seen to be old.
   */
  async function closeInFlight(close: () => Promise<ReadonlyMap<string, number>>, reopen: () => Promise<void>) {
    // What is kept of before would be given without a read.
    await database.query('UPDATE parts_logistics.part SET description = description || $1', ['.'])
    await bumpEpoch()
    await database.query('BEGIN; LOCK TABLE parts_logistics.part IN ACCESS EXCLUSIVE MODE')
    let answered = 0
    const all = askAll(() => {
      answered += 1
    })
    await until(async () => (await lockWaiters()) >= two.gateways.length, DEADLINE_MS / 3)
    // What is asked after them is answered: they have arrived.
    for (const { partners: url } of two.gateways) await client.ask(url, { authorization: firstAuthorization() })
    const answeredBefore = answered
    const closedMs = await close()
    await new Promise(resolve => setTimeout(resolve, LATEST_MS))
    await database.query('COMMIT')
    const asked = await all
    const late = asked.filter(one => isServed(one) && one.answeredMs > (closedMs.get(one.bpnl) ?? 0) + LATEST_MS)
    await database.query('UPDATE parts_logistics.part SET description = description || $1', [' new'])
    await reopen()
    const again = await askAll()
    const kept = again.filter(one => isServed(one) && !String(one.reply.body.data.part.description).endsWith(' new'))
    return { inFlight: READS - answeredBefore, asked, late, again: again.filter(isServed).length, kept }
  }

  const firstAuthorization = () => authorizations.get(partners[0]?.bpnl ?? '') ?? ''

  async function lockWaiters(): Promise<number> {
    const { rows } = await database.query<{ readonly waiting: number }>(
      "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE usename = 'reader' AND wait_event_type = 'Lock'",
    )
    return rows[0]?.waiting ?? 0
  }

  const lifecycle = () => two.operator.lifecycle(PARTS)
  async function reopenSystem(): Promise<void> {
    await submit('lifecycle-transition', transition(PARTS, 'SUSPENDED', 'LIMITED_OPEN', limitedOpening([1])))
    await untilAll('ANSWERED')
  }
  /** Another epoch, the same lifecycle. */
  async function bumpEpoch(): Promise<void> {
    await submit('lifecycle-transition', transition(PARTS, lifecycle(), 'SUSPENDED', { reason: 'a doubt' }))
    await untilAll('200 SYSTEM_NOT_OPEN')
    await reopenSystem()
  }
  /** Until each partner is told so at both. */
  const untilAll = (outcome: string) =>
    until(async () => {
      const question = { query: `{ part(partNumber: "${looked}") { partNumber } }` }
      const asked = two.gateways.flatMap(({ partners: url }) =>
        [...authorizations.values()].map(authorization => client.ask(url, { authorization, question })),
      )
      return (await Promise.all(asked)).every(reply => outcomeOf(reply) === outcome)
    })

  function reportOf(what: string, found: Awaited<ReturnType<typeof closeInFlight>>): void {
    const outcomes = Map.groupBy(found.asked, ({ reply }) => outcomeOf(reply))
    report(7, {
      [`reads in flight, ${what}`]: { value: found.inFlight, ...exactly(READS) },
      [`values served later than 1 s after, ${what}`]: { value: found.late.length, ...exactly(0), of: READS },
      [`values kept of what was read then, ${what}`]: { value: found.kept.length, ...exactly(0), of: READS },
      [`answered again afterwards, ${what}`]: { value: found.again, ...exactly(READS) },
      [`what they were told, ${what}`]: [...outcomes]
        .map(([outcome, { length }]) => `${length} × ${outcome}`)
        .join(', '),
    })
  }

  test('none is served later than a second after its system was closed, and none is kept', async () => {
    const found = await closeInFlight(async () => {
      const atMs = performance.now()
      await submit('lifecycle-transition', transition(PARTS, lifecycle(), 'SUSPENDED', { reason: 'a doubt' }))
      return new Map(partners.map(({ bpnl }) => [bpnl, atMs]))
    }, reopenSystem)
    reportOf('system closed', found)
    expect(found.asked.filter(isServed)).toEqual([])
  })

  test('none is served later than a second after its partner was disabled, and none is kept', async () => {
    const found = await closeInFlight(
      async () => {
        const atMs = new Map<string, number>()
        for (const { bpnl } of partners) {
          atMs.set(bpnl, performance.now())
          await submit('partner-grant', { sub: `urn:partner:${bpnl}`, action: 'DISABLE' })
        }
        return atMs
      },
      async () => {
        for (const { bpnl } of partners) await submit('partner-grant', { sub: `urn:partner:${bpnl}`, action: 'ENABLE' })
        await untilAll('ANSWERED')
      },
    )
    reportOf('partners disabled', found)
    expect(found.asked.filter(isServed)).toEqual([])
  })
})
