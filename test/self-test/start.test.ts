import { chmod, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runGateway, startProcess } from '../support/gateway-process.ts'
import { describeOnSite, type Site, startSite } from '../support/site.ts'

describeOnSite('a gateway that is started', () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite({ isSmall: true })
  })
  afterAll(() => site.stop())

  test('says in one line that its self-test passed, before it serves', async () => {
    const gateway = await startProcess(await site.configure())
    const lines = gateway
      .log()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
    await gateway.kill()
    const messages = lines.map(({ message }) => message)
    expect(messages.filter(message => message === 'self-test passed')).toHaveLength(1)
    expect(messages.indexOf('self-test passed')).toBeLessThan(messages.indexOf('ready'))
    expect(lines.find(({ message }) => message === 'self-test passed')).toMatchObject({
      readOnlySystems: 3,
      clocks: 1,
      cachedFields: expect.any(Number),
    })
  })

  test('serves nobody where others may change what it trusts, and says what mends it', async () => {
    const sites = join(dirname(await site.configure()), 'sites.yaml')
    await copyFile(fileURLToPath(new URL('../../demo/directory/sites.yaml', import.meta.url)), sites)
    await chmod(sites, 0o666)
    const config = await site.configure({ settings: { sites } })
    const { code, stdout, stderr } = await runGateway(['serve', '--config', config])
    expect(code).toBe(3)
    expect(stdout).toBe('')
    expect(stderr).toContain('the self-test failed; nothing is served')
    expect(stderr).toContain(
      `sites: ${sites}: has the mode 0666, so any user can change what the gateway trusts; run: chmod o-w '${sites}'`,
    )
    expect(stderr).not.toContain('"message":"ready"')
  })

  test.each([
    ['manifest', { trustedDocuments: { mode: 'enforce', manifests: [{ file: '/nowhere/manifest.json' }] } }],
    [
      'key of an issuer',
      {
        identity: {
          issuer: 'https://issuer.test',
          audience: 'https://gateway.test',
          algorithms: ['ES256'],
          keys: { file: '/nowhere/keys.jwks' },
        },
      },
    ],
    ['certificate', { listen: { port: 0, adminPort: 0, tls: { cert: '/nowhere/tls.crt', key: '/nowhere/tls.key' } } }],
  ])('ends, and says why, where a %s is missing, whatever it has opened by then', async (_, settings) => {
    const config = await site.configure({ settings })
    const { code, stdout, stderr } = await runGateway(['serve', '--config', config])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('/nowhere/')
    expect(stderr).not.toContain('"message":"ready"')
  })

  test('serves nobody where others may change its configuration', async () => {
    const config = await site.configure()
    await chmod(config, 0o606)
    const { code, stderr } = await runGateway(['serve', '--config', config])
    expect(code).toBe(3)
    expect(stderr).toContain(`configuration: ${config}: has the mode 0606`)
  })
})
