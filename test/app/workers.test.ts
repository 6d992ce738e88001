import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createDataset } from '../../demo/generator/dataset.ts'
import { part as partRelation } from '../../src/systems/relations/parts-logistics.ts'
import { SMALL_DATASET } from '../support/dataset.ts'
import { askOver, type GatewayProcess, runGateway, startProcess } from '../support/gateway-process.ts'
import { openSystem, RETAILER, registerPartner } from '../support/opening.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { describeOnSite, type Instance, type Site, startSite } from '../support/site.ts'
import { type Clients, failed, startClients } from './worker-clients.ts'

/** `serve --workers`, as real processes under clients that never pause: what is replaced, dies or stops loses nobody's request. */

const CLIENTS = 8
const RELOADS = 1
const WORKERS = ['--workers', '2']
const partNumbers = [...createDataset(SMALL_DATASET).rows(partRelation)].slice(0, 40).map(row => String(row.partNumber))
const anyPart = (n: number) => ({
  query: `{ part(partNumber: "${partNumbers[n % partNumbers.length]}") { partNumber description } }`,
})

const describeIt =
  redisBinary() === null
    ? () => describe.skip('several workers (apt-get install redis-server)', () => {})
    : describeOnSite

describeIt('several workers on one port', () => {
  let site: Site
  let store: RedisServer
  /** In this process: opens. */
  let operator: Instance
  let token: string
  let file: string
  let gateway: GatewayProcess
  let clients: Clients | undefined

  const configure = () =>
    site.configure({
      settings: { sharedStore: { url: store.url }, limits: { requestTimeoutMs: 60_000, shutdownGraceMs: 2_000 } },
    })
  const start = (options = WORKERS) => startProcess(file, {}, options)
  const askParts = () => startClients({ url: gateway.partners, token, clients: CLIENTS, question: anyPart })

  beforeAll(async () => {
    site = await startSite({ isSmall: true })
    store = await startRedis(redisBinary() ?? '')
    operator = await site.start()
    await registerPartner(site, operator, 'BPNL00000R000121', RETAILER)
    await openSystem(site, operator, 'PARTS_LOGISTICS')
    token = await site.token('dms-1')
    file = await configure()
    gateway = await start()
  })
  afterEach(async () => {
    await clients?.stop()
    clients = undefined
  })
  afterAll(async () => {
    await gateway?.kill()
    await store?.stop()
    await site?.stop()
  })

  test('tell of themselves once, when all are ready', () => {
    expect(lines(gateway, 'ready')).toMatchObject([{ workers: 2, partners: gateway.partners, admin: gateway.admin }])
    expect(
      lines(gateway, 'a worker serves')
        .map(({ worker }) => worker)
        .toSorted(),
    ).toEqual([1, 2])
  })

  test('are replaced at each reload without a request that fails', async () => {
    const before = pids(gateway)
    clients = askParts()
    await setTimeout(300)
    for (let reloads = 1; reloads <= RELOADS; reloads++) {
      gateway.child.kill('SIGHUP')
      await until(() => lines(gateway, 'reloaded').length === reloads)
    }
    await setTimeout(200)
    const outcomes = await clients.stop()
    expect(outcomes.length).toBeGreaterThan(200)
    expect(failed(outcomes)).toEqual([])
    expect(pids(gateway)).toHaveLength(2 + RELOADS * 2)
    await until(() => before.every(pid => !isRunning(pid)))
    expect(await gateway.metric('recovery_gateway_workers{state="serving"}')).toBe(2)
    expect(await gateway.metric('recovery_gateway_reloads_total{outcome="done"}')).toBe(RELOADS)
    expect(await gateway.metric('recovery_gateway_worker_restarts_total')).toBe(0)
  }, 400_000)

  test.each([
    ['cannot be read', (text: string) => `${text}listne: {}\n`, 'listne: is not a setting'],
    ['cannot run', (text: string) => text.replace(/sha256: \w+/, `sha256: ${'0'.repeat(64)}`), 'sha256'],
    [
      'no longer has what workers need',
      (text: string) => text.replace(/sharedStore:\n {2}.*\n/, ''),
      'sharedStore: is missing',
    ],
  ])('go on as they are where a new configuration %s, which is told once', async (_, spoil, told) => {
    const good = await readFile(file, 'utf8')
    const refused = () => lines(gateway, 'not reloaded')
    const [known, serving] = [refused().length, await living(gateway)]
    try {
      await writeFile(file, spoil(good))
      gateway.child.kill('SIGHUP')
      await until(() => refused().length > known)
      await setTimeout(300)
    } finally {
      await writeFile(file, good)
    }
    expect(refused().slice(known)).toMatchObject([{ problem: expect.stringContaining(told) }])
    expect(await living(gateway)).toEqual(serving)
    expect((await askOver(gateway.partners, token, anyPart(1))).body.errors).toBeUndefined()
  })

  test('show the metrics of all, whichever is asked, each sample with its worker and each metric once', async () => {
    for (let n = 0; n < 8; n++) await askOver(gateway.partners, token, anyPart(n))
    const text = await (await fetch(`${gateway.admin}/metrics`)).text()
    const types = text.split('\n').filter(line => line.startsWith('# TYPE '))
    expect(types).toHaveLength(new Set(types).size)
    const sequences = [...text.matchAll(/^recovery_gateway_journal_sequence\{worker="(\d)"\} (\d+)$/gm)]
    expect(sequences).toHaveLength(2)
    expect(new Set(sequences.map(([, worker]) => worker)).size).toBe(2)
    expect(text).toMatch(/^recovery_gateway_workers\{state="serving"\} 2$/m)
    expect(text).toMatch(/^recovery_gateway_worker_restarts_total 0$/m)
  })

  test('replace one that is killed; nothing is lost but what was in flight on it', async () => {
    const [victim = 0] = await living(gateway)
    const served = pids(gateway).length
    clients = askParts()
    await setTimeout(500)
    process.kill(victim, 'SIGKILL')
    await until(() => pids(gateway).length === served + 1)
    await setTimeout(300)
    const outcomes = await clients.stop()
    const lost = failed(outcomes)
    const [died] = lines(gateway, 'a worker died')
    expect(died).toMatchObject({ pid: victim, signal: 'SIGKILL' })
    const diedMs = Date.parse(String(died?.time)) - performance.timeOrigin
    expect(lost.filter(({ status, startedMs }) => status !== null || startedMs > diedMs + 100)).toEqual([])
    expect(lost.length).toBeLessThanOrEqual(CLIENTS)
    expect(outcomes.filter(({ startedMs }) => startedMs > diedMs + 100).length).toBeGreaterThan(50)
    expect(await gateway.metric('recovery_gateway_worker_restarts_total')).toBe(1)
  })

  test('stop as asked: what was sent before is answered, what comes after is refused, and no process is left', async () => {
    const running = await living(gateway)
    clients = askParts()
    await setTimeout(500)
    const askedMs = performance.now()
    gateway.child.kill('SIGTERM')
    const [code] = await new Promise<unknown[]>(resolve => gateway.child.once('exit', (...end) => resolve(end)))
    const outcomes = await clients.stop()
    expect(code).toBe(0)
    expect(running.filter(isRunning)).toEqual([])
    expect(failed(outcomes).filter(({ startedMs }) => startedMs < askedMs - 50)).toEqual([])
    const refused = new Set(failed(outcomes).map(({ failure, codes }) => failure ?? codes.join()))
    expect([...refused].filter(how => !['SHUTTING_DOWN', 'ECONNREFUSED', 'ECONNRESET'].includes(how))).toEqual([])
    expect(lines(gateway, 'stopped').filter(({ worker }) => worker === undefined)).toHaveLength(1)
  })

  test('end by themselves when the primary is gone', async () => {
    gateway = await start(['--workers', '1'])
    const running = await living(gateway, 1)
    await gateway.kill('SIGKILL')
    await until(() => !running.some(isRunning))
  })
})

describeOnSite('workers are refused', () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite({ isSmall: true })
  })
  afterAll(() => site?.stop())

  test('without a shared store, where there are several: budgets would be counted by each', async () => {
    const { code, stderr } = await runGateway(['serve', '--config', await site.configure(), ...WORKERS])
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^recovery-gateway cannot run:\n.*: sharedStore: is missing; --workers 2 needs it: .*\n$/),
    ])
  })

  test('where the configuration cannot run, after one attempt and with one message', async () => {
    const settings = { sites: 'nowhere.yaml' }
    const { code, stderr } = await runGateway([
      'serve',
      '--config',
      await site.configure({ settings }),
      '--workers',
      '1',
    ])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^recovery-gateway cannot run:\n.*nowhere\.yaml: cannot be read: there is no such file\n$/)
  })
})

type Line = Readonly<Record<string, unknown>> & { readonly message: string }

/** Lines of the log whose message begins so. */
function lines(gateway: GatewayProcess, message: string): readonly Line[] {
  const whole = gateway.log().split('\n').slice(0, -1)
  const logged = whole.flatMap((line): Line[] => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return logged.filter(line => line.message.startsWith(message))
}

/** Of all workers that have served so far. */
const pids = (gateway: GatewayProcess): readonly number[] =>
  lines(gateway, 'a worker serves').map(({ pid }) => Number(pid))

async function living(gateway: GatewayProcess, workers = 2): Promise<readonly number[]> {
  await until(() => pids(gateway).filter(isRunning).length === workers)
  return pids(gateway).filter(isRunning)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(condition: () => boolean | Promise<boolean>, atMostMs = 150_000): Promise<void> {
  const startedMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedMs > atMostMs) throw new Error(`waited for ${atMostMs} ms in vain: ${condition}`)
    await setTimeout(20)
  }
}
