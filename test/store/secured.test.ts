import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createAuthority } from '../support/certificates.ts'
import { type RedisServer, redisBinary, startRedis } from '../support/redis.ts'
import { GATEWAY_USER, openStore, urlAs } from '../support/shared-store.ts'

const binary = redisBinary()
const withRedis = binary === null ? describe.skip : describe

withRedis('the shared store over TLS', () => {
  let redis: RedisServer
  let directory: string
  let url: string
  const file = (name: string) => join(directory, name)
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-store-'))
    const authority = await createAuthority('store authority')
    const server = await authority.issue('localhost', 'server')
    const client = await authority.issue('gateway', 'client')
    const foreign = await createAuthority('another authority')
    const texts = {
      'ca.pem': authority.cert,
      'foreign.pem': foreign.cert,
      'server.pem': server.cert,
      'server.key': server.key,
      'client.pem': client.cert,
      'client.key': client.key,
    }
    await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(file(name), text)))
    const tls = { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') }
    redis = await startRedis(binary ?? '', { users: [GATEWAY_USER], tls })
    url = urlAs('gateway', 'not-a-secret', redis.url.replace('127.0.0.1', 'localhost'))
  })
  afterAll(async () => {
    await redis?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const trusted = () => ({ ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') })
  async function healthWith(tls: object, address = url) {
    const store = await openStore({ url: address, tls, commandTimeoutMs: 1_000 })
    const health = await store.firstHealth()
    await store.close()
    return health
  }

  test('is reached with the authority that signed it, and a certificate of our own', async () => {
    expect(await healthWith(trusted())).toEqual({ reachable: true, failure: null })
  })

  test('is not spoken to where its certificate is not trusted', async () => {
    expect(await healthWith({ ...trusted(), ca: file('foreign.pem') })).toEqual({
      reachable: false,
      failure: expect.stringMatching(/certificate|signature|issuer/i),
    })
  })

  test('is not spoken to where its certificate is for another name', async () => {
    expect(await healthWith({ ...trusted(), serverName: 'other.example' })).toEqual({
      reachable: false,
      failure: expect.stringContaining('other.example'),
    })
  })

  test('is not reached without the certificate that it asks for', async () => {
    expect(await healthWith({ ca: file('ca.pem') })).toMatchObject({ reachable: false, failure: expect.any(String) })
  })

  test('is not reached without TLS', async () => {
    const store = await openStore({ url: url.replace('rediss', 'redis'), commandTimeoutMs: 100 })
    expect((await store.firstHealth()).reachable).toBe(false)
    await store.close()
  })
})
