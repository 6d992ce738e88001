import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Checkout, createCheckout, type Running } from './checkout.ts'
import { ask, commandsIn, follow, operatorCommandsIn, urlsIn } from './terminal.ts'

/**
 * What a newcomer meets, in the order in which it happens: `npm start`, the pasted commands, a second gateway, the stop
 * and the starts after it. The suites of `test/commands/` have what needs no process.
 */
const READY = /Stop with Ctrl\+C/
const ANY_PORTS = { PORT: '0', ADMIN_PORT: '0' }
const TEN_SECONDS = 10_000

let checkout: Checkout
beforeAll(async () => {
  checkout = await createCheckout()
})
afterAll(() => checkout.remove())

const startGateway = (...options: readonly string[]) => checkout.start('npm', ['start', '--', ...options], ANY_PORTS)
/** What `npm run token` runs; the pasted commands have it with npm. */
const tokenOf = async (partner: string) =>
  (await checkout.run(process.execPath, ['bin/recovery-gateway.mjs', 'token', partner])).stdout.trim()

/** Beside the partners' API, with the sample partners to sign in as. */
async function expectPage(terminal: string): Promise<void> {
  const { origin } = new URL(urlsIn(terminal).graphql)
  const page = await (await fetch(origin)).text()
  expect(page).toContain('Parts logistics')
  const asset = await fetch(`${origin}${/\/assets\/page-[\w-]+\.js/.exec(page)?.[0]}`)
  expect([asset.status, (await asset.text()).length > 1_000]).toEqual([200, true])
  const signIn = await fetch(`${origin}/explorer/sign-in`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ sample: 'supplier' }),
  })
  const { token } = (await signIn.json()) as { readonly token: string }
  const answer = await ask(terminal, token)
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Altfeld Pressings Ltd')])
}

describe('the first start', () => {
  let gateway: Running
  let terminal: string
  let token: string
  beforeAll(async () => {
    gateway = startGateway()
    terminal = await gateway.shows(READY)
    token = await tokenOf('retailer')
  })

  test('shows what runs where and which systems are open, within 100 columns', async () => {
    expect(terminal).toMatch(/Parts logistics +OPEN +answers all who hold the scopes +embedded-postgres/)
    expect(terminal).toMatch(/Wholesale finance +LIMITED_OPEN +answers wave 1 only +embedded-postgres/)
    expect(terminal).toMatch(/Production schedule +VERIFIED +answers nobody: fields are null +extracts/)
    expect(terminal.split('\n').filter(line => line.length > 100)).toEqual([])
    const ready = await fetch(urlsIn(terminal).ready)
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ ready: true })])
  })

  test('shows a command per sample partner, and each works as pasted', async () => {
    const commands = commandsIn(terminal).slice(0, 3)
    const answers = await Promise.all(commands.map(command => checkout.run('bash', ['-c', command])))
    expect(answers.map(({ code, stderr }) => [code, stderr.replace(/^npm warn .*\n/gm, '')])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ])
    const [retailer, supplier, internal] = answers.map(({ stdout }) => JSON.parse(stdout))

    const asOf = '2025-10-08T05:30:00.000Z'
    expect(retailer.data.partAvailability).toEqual([
      {
        requestedPartNumber: 'LR106259',
        outcome: 'AVAILABLE',
        part: { supersession: null },
        lines: expect.arrayContaining([
          {
            site: { name: 'Mercia Park Global Parts Logistics Centre' },
            quantityAvailableToPromise: { value: expect.stringMatching(/^[1-9]\d*\.000$/), unit: 'PR' },
          },
        ]),
        provenance: { asOf, origin: 'SYSTEM' },
      },
      expect.objectContaining({
        outcome: 'SUPERSEDED',
        part: { supersession: { currentPartNumber: 'LR106259' } },
        provenance: { asOf, origin: 'SYSTEM' },
      }),
      expect.objectContaining({ outcome: 'SUPERSEDED', provenance: { asOf, origin: 'SYSTEM' } }),
    ])
    expect(retailer.data.vehicleWholesales.edges).toHaveLength(2)
    expect(retailer.data.vehicleWholesales.provenance.asOf).toBe(asOf)
    expect(retailer.data.vehicleBuild).toBeNull()
    expect(retailer.errors).toEqual([
      expect.objectContaining({
        path: ['vehicleBuild'],
        extensions: expect.objectContaining({ code: 'SYSTEM_NOT_OPEN', lifecycle: 'VERIFIED' }),
      }),
    ])

    expect(supplier.errors).toBeUndefined()
    expect(supplier.data.supplierPosition.open.map((money: { currency: string }) => money.currency)).toContain('GBP')
    expect(supplier.data.supplierInvoices.edges).toHaveLength(3)
    expect(supplier.data.supplierInvoices.pageInfo.hasNextPage).toBe(true)

    expect(internal.errors).toBeUndefined()
    expect(internal.data.restartStatus.systems.map((system: { lifecycle: string }) => system.lifecycle)).toEqual([
      'OPEN',
      'LIMITED_OPEN',
      'VERIFIED',
    ])
    expect(internal.data.viewer.openSystems).toEqual(['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'])
  })

  test('shows how an operator opens a system: guards, a signed step, and a supplier is answered', async () => {
    const [check = '', open = ''] = operatorCommandsIn(terminal).filter(command => command.includes('system '))
    const demand = commandsIn(terminal)[3] ?? ''
    const stream = await follow(terminal, await tokenOf('supplier'))

    const before = await checkout.run('bash', ['-c', check])
    expect(before.code).toBe(1)
    expect(before.stdout).toMatch(/^Production schedule: VERIFIED → LIMITED_OPEN$/m)
    expect(before.stdout).toMatch(/^WAVES_NAMED +MISSING/m)
    expect(JSON.parse((await checkout.run('bash', ['-c', demand])).stdout).data.materialDemands).toBeNull()

    expect((await checkout.run('bash', ['-c', open])).code).toBe(0)
    const answered = JSON.parse((await checkout.run('bash', ['-c', demand])).stdout)
    expect([answered.errors, answered.data.materialDemands.edges.length]).toEqual([undefined, 3])

    const toAll = open.replace(/ --wave 1 --facts \S+/, '')
    expect((await checkout.run('bash', ['-c', toAll])).code).toBe(0)
    expect(await stream.lifecycles(2)).toEqual(['LIMITED_OPEN', 'OPEN'])
  })

  test('keeps a second gateway off its data and says who has it', async () => {
    const second = await startGateway().ended
    expect(second.code).toBe(3)
    expect(second.stderr).toContain(`is in use by the gateway with process id ${await checkout.holder()}`)
  })

  test('ends with 0 on SIGTERM, well within the grace, and has kept the terminal clean', async () => {
    const askedAt = performance.now()
    process.kill(await checkout.holder(), 'SIGTERM')
    const { code, stderr } = await gateway.ended
    expect([code, performance.now() - askedAt < TEN_SECONDS]).toEqual([0, true])
    expect(stderr).toMatch(/^Making the embedded databases \(later starts reuse them\) \.+ done$/m)
    expect(stderr.match(/"level":"(warn|error)"/g)).toBeNull()
  })

  describe('and the starts after it', () => {
    test('keep data and keys, and end with npm', async () => {
      const again = startGateway()
      const shown = await again.shows(READY)
      expect(commandsIn(shown)).toHaveLength(3)
      const answer = await ask(shown, token)
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Aldermoor')])

      // npm ends at once and passes nothing on where its shell does not; the gateway follows.
      again.signal('SIGTERM', 'process')
      const { stderr } = await again.ended
      expect(stderr).not.toContain('Making')
      expect(stderr).toContain('"message":"stopped"')
      await expect(ask(shown, token)).rejects.toThrow('fetch failed')
    })

    test('start over where they are told to: the old token is refused', async () => {
      const fresh = startGateway('--fresh')
      const shown = await fresh.shows(READY)
      expect((await ask(shown, token)).status).toBe(401)
      expect((await ask(shown, await tokenOf('retailer'))).status).toBe(200)
      await expectPage(shown)

      fresh.signal('SIGINT', 'group')
      const { stderr } = await fresh.ended
      expect(stderr).toContain('Making')
      expect(stderr).toContain('"message":"stopped"')
    })

    test('end with a clear message where a port is taken, whichever it is, and lose nothing to --fresh', async () => {
      const madeAt = async () => (await stat(join(checkout.directory, '.data', 'postgres.json'))).mtimeMs
      const before = await madeAt()
      const squatter = createServer().listen(0, '127.0.0.1')
      await new Promise(resolve => squatter.once('listening', resolve))
      const address = squatter.address()
      const port = typeof address === 'object' && address !== null ? String(address.port) : ''
      try {
        for (const [name, setting] of [
          ['PORT', 'listen.port'],
          ['ADMIN_PORT', 'listen.adminPort'],
        ] as const) {
          const { code, stderr } = await checkout.run('npm', ['start', '--', '--fresh'], {
            ...ANY_PORTS,
            [name]: port,
          })
          expect([code, await madeAt()]).toEqual([3, before])
          expect(stderr).not.toContain('"level"')
          expect(stderr).toContain(`${setting}: cannot listen on 127.0.0.1 port ${port}: another process does`)
        }
      } finally {
        squatter.close()
      }
    })
  })
})

describe('an older Node', () => {
  test('is told what to do, by the program itself', async () => {
    const pretend = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})'
    const { code, stderr } = await checkout.run(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      'bin/recovery-gateway.mjs',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^recovery-gateway needs Node.js 24.18 or later; this is 20.19.0.\nStart it with npm/)
  })
})
