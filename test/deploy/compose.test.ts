import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { projectPaths, readText } from '../docs/project.ts'
import { COMPOSE, interpolated, readCompose } from './compose-file.ts'
import { requiredVariables, variablesSet } from './example-configuration.ts'

const SITE = 'deploy/docker/site/'
const everyService = async () => Object.entries((await readCompose()).services)

describe('deploy/docker/compose.yaml', () => {
  test('gives no container a way to write, a capability or the user root', async () => {
    for (const [name, service] of await everyService()) {
      const { user, read_only, cap_drop, security_opt } = service
      expect([name, read_only, cap_drop, security_opt]).toEqual([name, true, ['ALL'], ['no-new-privileges:true']])
      expect([name, user]).toEqual([name, expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
      expect(JSON.stringify(service)).not.toMatch(/privileged|cap_add|docker\.sock|"pid"|network_mode|devices/)
    }
  })

  test('bounds memory, processes and logs of each', async () => {
    for (const [name, { mem_limit, pids_limit, logging }] of await everyService()) {
      expect([name, mem_limit, pids_limit]).toEqual([name, expect.stringMatching(/\d[mg]/), expect.any(Number)])
      const options = { 'max-size': expect.stringMatching(/^\d+m$/), 'max-file': expect.stringMatching(/^\d$/) }
      expect([name, logging]).toEqual([name, { driver: 'local', options }])
    }
  })

  test('keeps the stores in a network that leads nowhere, and publishes ports of the gateway to this machine alone', async () => {
    const { services, networks } = await readCompose()
    expect(networks.stores?.internal).toBe(true)
    for (const [name, { networks: joined, ports }] of await everyService())
      if (name !== 'gateway') expect([name, joined, ports]).toEqual([name, ['stores'], undefined])
    const published = (services.gateway?.ports ?? []).map(port => interpolated(port, {}))
    expect(published).toEqual(['127.0.0.1:4000:4000', '127.0.0.1:4001:4001'])
  })

  test('has no secret in it: each is a file of the site, which is kept out of Git and of images', async () => {
    const { services, secrets } = await readCompose()
    const used = new Set(Object.values(services).flatMap(service => service.secrets))
    expect([...used].toSorted()).toEqual(Object.keys(secrets).toSorted())
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^site\/secrets\//)
    for (const [name, value] of Object.entries(services.gateway?.environment ?? {}))
      if (/URL_FILE$|KEY$/.test(name)) expect([name, value]).toEqual([name, expect.stringMatching(/^\/run\/secrets\//)])
    expect((await readText('.gitignore')).split('\n')).toContain(SITE)
  })

  test('sets every variable that the configuration names and that has no preset', async () => {
    const { services } = await readCompose()
    const set = Object.keys(services.gateway?.environment ?? {})
    expect(variablesSet(set)).toEqual(await requiredVariables())
  })

  test('names only what it defines, and files that there are or that are the site’s own', async () => {
    const { services, configs, networks, volumes } = await readCompose()
    for (const service of Object.values(services)) {
      expect(service.configs.filter(({ source }) => configs[source] === undefined)).toEqual([])
      expect(service.networks.filter(name => networks[name] === undefined)).toEqual([])
      const mounted = (service.volumes ?? []).map(volume => volume.split(':')[0] ?? '')
      expect(mounted.filter(name => volumes[name] === undefined)).toEqual([])
    }
    const paths = await projectPaths()
    const files = Object.values(configs).map(({ file }) => file)
    const own = files
      .filter(file => !file.startsWith('site/'))
      .map(file => `deploy/docker/${file}`.replace('docker/../', ''))
    expect(own.filter(file => !paths.includes(file))).toEqual([])
  })

  test('is one document without anchors, so that what stands there is what is run', async () => {
    const text = await readText(COMPOSE)
    expect(Object.keys(parse(text))).toEqual(['name', 'services', 'networks', 'volumes', 'configs', 'secrets'])
    expect(text).not.toMatch(/: [&*]\w|<<:/)
  })
})
