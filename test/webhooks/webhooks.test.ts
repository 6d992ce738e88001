import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { SystemKey } from '../../src/model/system.ts'
import { readText, tableIn } from '../docs/project.ts'
import { limitedOpening, openSystem, RETAILER, registerPartner, transition } from '../support/opening.ts'
import { describeOnSite, type Instance, type Site, startSite } from '../support/site.ts'
import { type Received, type Receiver, SECRET, startReceiver } from './receiver.ts'

/** Webhooks of the whole gateway: instances on one journal, statements that are signed, and receivers on ports. */

const PARTS: SystemKey = 'PARTS_LOGISTICS'
const RETAILER_BPNL = 'BPNL00000R000121'
const SUPPLIER_BPNL = 'BPNL00000S000131'
const SUPPLIER = { ...RETAILER, name: 'Trim Supply', roles: ['SUPPLIER'], sites: [], wave: 2, clients: ['edi-1'] }

describeOnSite('webhooks', () => {
  let directory: string
  let site: Site
  /** Sends nothing: opens, closes and publishes. */
  let operator: Instance
  let retailer: Receiver
  let supplier: Receiver
  let sending: readonly Instance[]
  let updates = 0

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-webhooks-'))
    await writeFile(join(directory, 'secret'), `${SECRET}\n`, { mode: 0o600 })
    retailer = await startReceiver()
    supplier = await startReceiver()
    site = await startSite()
    operator = await site.start()
    await registerPartner(site, operator, RETAILER_BPNL, RETAILER)
    await registerPartner(site, operator, SUPPLIER_BPNL, SUPPLIER)
    await openSystem(site, operator, PARTS, 'VERIFIED')
    sending = await Promise.all([start(), start()])
  })
  afterAll(async () => {
    await site?.stop()
    await Promise.all([retailer?.close(), supplier?.close()])
    await rm(directory, { recursive: true, force: true })
  })
  beforeEach(() => {
    retailer.reset()
    supplier.reset()
  })

  /** One that has been told what is there already. */
  async function start(): Promise<Instance> {
    const secretFiles = [join(directory, 'secret')]
    const endpoints = [
      { id: 'retailer', partner: RETAILER_BPNL, url: retailer.url, secretFiles },
      { id: 'supplier', partner: SUPPLIER_BPNL, url: supplier.url, secretFiles },
    ]
    const instance = await site.start({ settings: { webhooks: { endpoints } } })
    await instance.app.partners.ready()
    await instance.app.webhooks?.settle()
    return instance
  }

  async function publish(audience: readonly string[] = []): Promise<string> {
    updates += 1
    const title = `Update ${updates}`
    const claims = {
      sub: `urn:restart-update:news-${updates}`,
      published_at: new Date().toISOString(),
      title,
      body: 'More tomorrow.',
      audience,
    }
    await operator.submit(await site.sign('restart-update', claims))
    return title
  }

  /** The news of both, as soon as the retailer has so many. */
  async function untilRetailerHas(wanted: number): Promise<readonly Received[]> {
    while (retailer.requests.length < wanted) await setTimeout(10)
    return retailer.requests
  }
  const titles = ({ requests }: Receiver) => requests.map(({ data }) => data.title ?? `${data.key} ${data.lifecycle}`)

  test('tell each partner once what it may read, however many instances run', async () => {
    const everybody = await publish()
    const suppliers = await publish(['SUPPLIER'])
    const retailers = await publish(['RETAILER'])
    await operator.submit(
      await site.sign('lifecycle-transition', transition(PARTS, 'VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))),
    )
    const requests = await untilRetailerHas(3)
    for (const instance of sending) await instance.app.webhooks?.settle()
    expect(titles(retailer).toSorted()).toEqual(['PARTS_LOGISTICS LIMITED_OPEN', everybody, retailers].toSorted())
    expect(titles(supplier).toSorted()).toEqual(['PARTS_LOGISTICS LIMITED_OPEN', everybody, suppliers].toSorted())
    expect([...requests, ...supplier.requests].every(({ isSigned }) => isSigned)).toBe(true)
    const opened = (receiver: Receiver) => receiver.requests.find(({ type }) => type === 'restart.system.changed')
    expect(opened(retailer)?.data).toEqual({
      key: PARTS,
      name: 'Parts logistics',
      lifecycle: 'LIMITED_OPEN',
      componentStatus: 'PARTIAL_OUTAGE',
      since: expect.any(String),
      nextUpdateBy: null,
      answersViewer: true,
      knownLimitations: [],
      workaround: 'Call the parts help desk.',
      contact: 'parts help desk',
    })
    const documented = tableIn(await readText('docs/partners/webhooks.md'), '`type`', '`data` is', 'its members')
    for (const { type, data } of requests) {
      const [, , members] = documented.find(([named]) => named === type) ?? []
      expect([type, Object.keys(data)]).toEqual([type, members?.replaceAll('`', '').split(', ')])
    }
    // The second wave is told of the opening too, and that it is not yet meant.
    expect(opened(supplier)?.data.answersViewer).toBe(false)
    expect(new Set([...requests, ...supplier.requests].map(({ id }) => id)).size).toBe(6)
  })

  test('tell after a time without any instance how it stands now, and what was published', async () => {
    await Promise.all(sending.map(instance => instance.close()))
    const reason = 'a drill'
    await operator.submit(
      await site.sign('lifecycle-transition', transition(PARTS, 'LIMITED_OPEN', 'SUSPENDED', { reason }), {
        role: 'SECURITY_OPERATIONS',
      }),
    )
    const missed = await publish()
    expect(retailer.requests).toEqual([])
    sending = [await start()]
    await untilRetailerHas(2)
    expect(titles(retailer).toSorted()).toEqual(['PARTS_LOGISTICS SUSPENDED', missed].toSorted())
  })

  test('are shown to operators, tried again and tried out over the admin listener', async () => {
    const [instance] = sending
    if (instance === undefined) throw new Error('one is left')
    const ask = async (method: 'GET' | 'POST', url: string) => {
      const answer = await instance.app.admin.inject({ method, url, headers: { host: 'localhost' } })
      return [answer.statusCode, answer.json()]
    }
    expect(await ask('POST', '/webhooks/retailer/test')).toEqual([202, { queued: 1 }])
    const [request] = await untilRetailerHas(1)
    expect([request?.type, request?.data]).toEqual(['webhook.test', { endpoint: 'retailer' }])
    retailer.answer = (_, response) => void response.writeHead(410).end()
    await publish()
    await untilRetailerHas(2)
    await instance.app.webhooks?.settle()
    const [, dead] = await ask('GET', '/webhooks/dead')
    expect(dead).toMatchObject([{ endpoint: 'retailer', failure: 'answered 410', attempts: 1 }])
    const [, views] = await ask('GET', '/webhooks')
    expect(views).toMatchObject([
      { id: 'retailer', partner: RETAILER_BPNL, receiver: new URL(retailer.url).origin, state: 'GONE', dead: 1 },
      { id: 'supplier', partner: SUPPLIER_BPNL, state: 'ACTIVE', dead: 0 },
    ])
    expect(JSON.stringify([views, dead, instance.logged])).not.toContain(SECRET.slice(6))
    const { payload } = await instance.app.admin.inject({ url: '/metrics' })
    expect(payload).toContain('recovery_gateway_webhooks_disabled{endpoint="retailer"} 1\n')
    expect(payload).toContain('recovery_gateway_webhook_deliveries_total{endpoint="retailer",outcome="gone"} 1\n')
    expect(await ask('POST', '/webhooks/retailer/test')).toEqual([
      409,
      { code: 'ENDPOINT_DISABLED', message: expect.stringMatching(/^retailer has been disabled since 2.*Z, when/) },
    ])
    retailer.answer = (_, response) => void response.writeHead(204).end()
    expect(await ask('POST', '/webhooks/retailer/retry?id=msg_other')).toEqual([202, { queued: 0 }])
    expect((await ask('GET', '/webhooks'))[1]).toMatchObject([
      { id: 'retailer', state: 'GONE', waiting: 0, dead: 1 },
      {},
    ])
    expect(await ask('POST', `/webhooks/retailer/retry?id=${dead[0].id}`)).toEqual([202, { queued: 1 }])
    expect((await untilRetailerHas(3))[2]?.id).toBe(dead[0].id)
    expect(await ask('POST', '/webhooks/nobody/retry')).toMatchObject([404, { code: 'NOT_FOUND' }])
    expect(await ask('POST', '/webhooks/nobody/test')).toMatchObject([404, { code: 'NOT_FOUND' }])
  })

  test('tell a partner that is disabled nothing, not what is queued either, and all of it when it is enabled', async () => {
    const [instance] = sending
    const grant = async (action: string) =>
      operator.submit(await site.sign('partner-grant', { sub: `urn:partner:${RETAILER_BPNL}`, action }))
    retailer.answer = (_, response) => void response.writeHead(503).end()
    const queued = await publish()
    await untilRetailerHas(1)
    await grant('DISABLE')
    const missed = await publish()
    while (titles(supplier).length < 2) await setTimeout(10)
    await instance?.app.webhooks?.retry('retailer', null)
    expect(await instance?.app.webhooks?.test('retailer')).toEqual({ kind: 'no right' })
    await instance?.app.webhooks?.settle()
    expect(titles(retailer)).toEqual([queued])
    expect(await instance?.app.webhooks?.views()).toMatchObject([
      { state: 'NO_RIGHT', waiting: 1 },
      { state: 'ACTIVE' },
    ])
    retailer.answer = (_, response) => void response.writeHead(204).end()
    await grant('ENABLE')
    await untilRetailerHas(2)
    expect(titles(retailer)[1]).toBe(missed)
  })

  test('are not begun where the owner of the database has not made their tables', async () => {
    const owner = await site.superuser()
    const rename = (from: string, to: string) => owner.query(`ALTER TABLE recovery_journal.${from} RENAME TO ${to}`)
    await rename('webhook_endpoint', 'aside')
    await expect(start()).rejects.toThrow(/^webhooks: their outbox .* run the SQL of journal schema again$/)
    await rename('aside', 'webhook_endpoint')
    await owner.end()
  })
})
