import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Contained, startContained } from '../support/contained.ts'
import { freePort } from '../support/free-port.ts'
import { askOver } from '../support/gateway-process.ts'
import { describeWith } from '../support/needs.ts'
import { RETAILER } from '../support/opening.ts'
import { type DeployedSite, startDeployedSite } from './deployed-site.ts'
import { type Deployed, layOutCompose, layOutKubernetes, layOutSystemd } from './deployments.ts'
import { layOutImage } from './image-root.ts'

/**
 * The gateway as each deployment starts it, with its files, user, flags, environment, secrets and command, on a root that it
 * cannot write to. No image is built and no cluster is there: what is followed is what their files say.
 */

const BPNL = 'BPNL00000R000121'
const QUESTION = { query: '{ viewer { partner { bpnl name } } restartStatus { systems { key lifecycle } } }' }
/** All of it runs on one machine, beside other tests. */
const PATIENT = { CONNECT_TIMEOUT_MS: '20000', SHARED_STORE_TIMEOUT_MS: '2000' }
const NO_CAPABILITY = '0000000000000000'

describeWith(['containers', 'postgres', 'redis'], 'the gateway as it is deployed', () => {
  let site: DeployedSite
  let image: string
  beforeAll(async () => {
    image = await mkdtemp(join(tmpdir(), 'recovery-gateway-image-'))
    await layOutImage(image)
    site = await startDeployedSite()
  })
  afterAll(async () => {
    await site?.stop()
    await rm(image, { recursive: true, force: true })
  })

  test('prepare.sh says what a site has to bring, and is content once it is there', () => {
    const [before, after] = site.prepared
    expect(before?.code).toBe(1)
    expect(before?.stderr.match(/\/[\w.-]+$/gm)).toEqual([
      '/gateway.jwk.json',
      '/parts-database-url',
      '/finance-database-url',
      '/schedule-database-url',
      '/systems-ca.pem',
      '/sites.yaml',
      '/signatories.jwks.json',
    ])
    expect(after).toEqual({ code: 0, stderr: '' })
  })

  describe.each([
    ['by deploy/docker/compose.yaml', layOutCompose],
    ['by deploy/kubernetes/stateful-set.yaml', layOutKubernetes],
    ['by deploy/systemd/recovery-gateway.service', layOutSystemd],
  ])('%s', (_, layOut) => {
    let directory: string
    let deployed: Deployed
    let gateway: Contained
    let [partners, admin] = ['', '']
    /** Another command in such a container. */
    const run = async (...command: readonly string[]) => {
      const other = startContained(deployed.container, command)
      return { code: await other.ended, log: other.log() }
    }
    const node = (code: string) => run(deployed.container.node, '--input-type=module', '--eval', code)

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-root-'))
      const [port, adminPort] = [await freePort(), await freePort()]
      const environment = { ...PATIENT, PORT: String(port), ADMIN_PORT: String(adminPort) }
      ;[partners, admin] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`]
      deployed = await layOut({ site, image, directory, environment })
      gateway = startContained(deployed.container, deployed.command)
      await gateway.says('ready')
    })
    afterAll(async () => {
      await gateway?.signal('SIGKILL').catch(() => {})
      await gateway?.ended
      await rm(directory, { recursive: true, force: true })
    })

    test('is ready, and alive', async () => {
      expect((await fetch(`${admin}/health/ready`)).status).toBe(200)
      expect((await fetch(`${admin}/health/live`)).status).toBe(200)
      if (deployed.healthcheck) expect(await run(...deployed.healthcheck)).toEqual({ code: 0, log: '' })
    })

    test('answers a partner', async () => {
      await registerOnce(site, admin)
      const { status, body } = await askOver(partners, await site.token(), QUESTION)
      expect([status, body.errors]).toEqual([200, undefined])
      expect(body.data.viewer.partner).toEqual({ bpnl: BPNL, name: RETAILER.name })
      expect(body.data.restartStatus.systems).toHaveLength(3)
    })

    test('is a user without a capability, and cannot become another', async () => {
      const { uid, gid } = deployed.container
      expect(uid).toBeGreaterThan(10_000)
      expect((await gateway.status('Uid')).split('\t')).toEqual(Array(4).fill(String(uid)))
      expect((await gateway.status('Gid')).split('\t')).toEqual(Array(4).fill(String(gid)))
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect([set, await gateway.status(set)]).toEqual([set, NO_CAPABILITY])
      expect(await gateway.status('NoNewPrivs')).toBe('1')
    })

    test('can write to its volumes and nowhere else', async () => {
      const places = ['/', '/tmp', '/etc/recovery-gateway', deployed.container.directory, '/run', '/usr/lib']
      const volumes = Object.keys(deployed.container.volumes)
      const { log } = await node(`
        import { writeFileSync, rmSync } from 'node:fs'
        for (const place of ${JSON.stringify([...places, ...volumes])}) {
          try {
            writeFileSync(place + '/tried', '')
            rmSync(place + '/tried')
            console.log(place, 'written')
          } catch ({ code }) {
            console.log(place, code)
          }
        }`)
      expect(log.trim().split('\n')).toEqual([
        ...places.map(place => `${place} EROFS`),
        ...volumes.map(place => `${place} written`),
      ])
    })

    test('finds no shell to start', async () => {
      const { log } = await node(`
        import { spawnSync } from 'node:child_process'
        for (const shell of ['sh', '/bin/sh', '/bin/bash', '/busybox/sh']) console.log(spawnSync(shell).error?.code)`)
      expect(log.trim().split('\n')).toEqual(Array(4).fill('ENOENT'))
    })

    test('has written a line of its access log, to its volume', async () => {
      const files = await readdir(deployed.container.volumes['/var/log/recovery-gateway'] ?? '')
      expect(files).toEqual([expect.stringMatching(/^access-\d+-.*\.jsonl$/)])
    })

    test('ends with 0 when it is told to', async () => {
      await gateway.signal('SIGTERM')
      expect(await gateway.ended).toBe(0)
      expect(gateway.log()).toContain('"message":"stopped"')
    })

    test('has a configuration with which nothing is wrong', async () => {
      const command = ['config', 'check', '/etc/recovery-gateway/recovery-gateway.yaml']
      const { log, code } = await run(...deployed.command.slice(0, 2), ...command)
      expect([code, log.split('\n').at(-2)]).toEqual([0, 'Nothing is wrong.'])
    })
  })
})

/** All deployments here follow one journal. */
async function registerOnce({ signatories }: DeployedSite, admin: string): Promise<void> {
  const known = (await (await fetch(`${admin}/partners`)).json()) as readonly { readonly bpnl: string }[]
  if (known.some(({ bpnl }) => bpnl === BPNL)) return
  const claims = { sub: `urn:partner:${BPNL}`, action: 'REGISTER', partner: RETAILER }
  const body = await signatories.sign('partner-grant', claims)
  const response = await fetch(`${admin}/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose' },
    body,
  })
  expect([response.status, await response.text()]).toEqual([201, expect.anything()])
}
