import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { createClientCertificateOf } from '../../src/http/client-certificate.ts'
import { readListenerTls } from '../../src/http/listener-tls.ts'
import { createPartnerServer } from '../../src/http/server.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import {
  createAuthority,
  createSelfSigned,
  type TestAuthority,
  type TestCertificate,
  writeCertificate,
} from '../support/certificates.ts'
import { temporaryDirectory } from '../support/gateway.ts'

let directory: string
let authority: TestAuthority
let client: TestCertificate
let files: { readonly cert: string; readonly key: string }
beforeAll(async () => {
  directory = await temporaryDirectory()
  authority = await createAuthority('authority')
  client = await authority.issue('client', 'client')
  files = await writeCertificate(directory, 'server', await authority.issue('127.0.0.1', 'server'))
})
afterAll(() => rm(directory, { recursive: true }))

const pem = () => encodeURIComponent(client.cert)
const bytes = () => `:${new X509Certificate(client.cert).raw.toString('base64')}:`

describe('a certificate that a proxy passes', () => {
  const read = (header: string, trustedProxies: readonly string[], address: string | undefined, value?: string) =>
    createClientCertificateOf({ proxied: { header, trustedProxies }, onlyAuthorized: false })({
      socket: { remoteAddress: address },
      headers: { [header]: value },
    } as unknown as IncomingMessage)

  test.each<[string, readonly string[], string]>([
    ['an address', ['192.0.2.7'], '192.0.2.7'],
    ['a range', ['10.0.0.0/8'], '10.200.3.4'],
    ['the loopback of IPv4', ['loopback'], '127.0.0.1'],
    ['the loopback of IPv6', ['loopback'], '::1'],
    ['IPv4 as a socket of IPv6 shows it', ['10.0.0.0/8'], '::ffff:10.1.2.3'],
    ['a range of IPv6', ['2001:db8::/32'], '2001:db8::7'],
    ['an address of a link, which is shown with its name', ['fe80::/64'], 'fe80::7%eth0'],
  ])('counts from %s', (_, trusted, address) => {
    expect(read('client-cert', trusted, address, bytes())?.fingerprint256).toBe(
      new X509Certificate(client.cert).fingerprint256,
    )
  })

  test.each<[string, readonly string[], string | undefined]>([
    ['another address', ['192.0.2.7'], '192.0.2.8'],
    ['outside the range', ['10.0.0.0/8'], '11.0.0.1'],
    ['another machine than this', ['loopback'], '192.0.2.7'],
    ['IPv4 in IPv6 outside the range', ['10.0.0.0/8'], '::ffff:11.0.0.1'],
    ['IPv4, by a range of all IPv6', ['::/0'], '192.0.2.7'],
    ['IPv4 in IPv6, by a range of all IPv6', ['::/0'], '::ffff:192.0.2.7'],
    ['no address', ['loopback'], undefined],
  ])('is nothing from %s, whatever it says', (_, trusted, address) => {
    for (const value of [bytes(), 'noise']) expect(read('client-cert', trusted, address, value)).toBeNull()
  })

  test('is URL-encoded PEM in any header but that of RFC 9440', () => {
    expect(read('x-ssl-client-cert', ['loopback'], '127.0.0.1', pem())?.subject).toBe('CN=client')
  })

  test('is none where the proxy passes none', () => {
    for (const value of [undefined, '']) expect(read('client-cert', ['loopback'], '::1', value)).toBeNull()
  })

  test.each<[string, string, () => string]>([
    ['noise', 'client-cert', () => 'noise'],
    ['base64 without its colons', 'client-cert', () => bytes().slice(1, -1)],
    ['base64 with stray bits', 'client-cert', () => ':MIIB:'],
    ['PEM where it should be bytes', 'client-cert', pem],
    ['two joined', 'client-cert', () => `${bytes()}, ${bytes()}`],
    ['20 KiB', 'client-cert', () => `:${'A'.repeat(20_480)}:`],
    ['broken escapes', 'x-ssl-client-cert', () => '%E0%A4%A'],
    ['half of it', 'x-ssl-client-cert', () => pem().slice(0, 200)],
  ])('that is %s makes a bad request', (_, header, value) => {
    expect(() => read(header, ['loopback'], '127.0.0.1', value())).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', message: `The header ${header} is not a certificate.` }),
    )
  })
})

describe('a listener with TLS', () => {
  const servers: FastifyInstance[] = []
  afterAll(() => Promise.all(servers.map(server => server.close())))

  /** Answers with the subject of the client's certificate. */
  async function listen(settings: object = {}): Promise<number> {
    const tls = await readListenerTls({ ...files, clientCertificates: 'optional', ...settings })
    const wordError = () => ({ message: 'wrong', extensions: {}, httpStatus: 500 })
    const limits = { bodyBytes: 1_024, requestTimeoutMs: 1_500, headersTimeoutMs: 1_000 }
    const server = createPartnerServer({ log: quietLog(), wordError, limits, tls })
    server.get('/', async ({ credentials }) => credentials.certificate?.subject ?? 'none')
    servers.push(server)
    await server.listen({ host: '127.0.0.1', port: 0 })
    return (server.server.address() as AddressInfo).port
  }

  async function ask(port: number, options: ConnectionOptions = {}): Promise<string> {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.cert, ...options })
    socket.setEncoding('utf8')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    let said = ''
    for await (const chunk of socket) said += chunk
    return said.split('\r\n\r\n')[1] ?? ''
  }

  test('knows the certificate of the connection, whoever signed it, and needs none', async () => {
    const port = await listen()
    expect(await ask(port)).toBe('none')
    expect(await ask(port, client)).toBe('CN=client')
    expect(await ask(port, await createSelfSigned('self'))).toBe('CN=self')
  })

  test('takes one of another authority for none, where its authorities are named', async () => {
    const clientCa = join(directory, 'ca.pem')
    await writeFile(clientCa, authority.cert)
    const port = await listen({ clientCa })
    expect(await ask(port, client)).toBe('CN=client')
    expect(await ask(port, await createSelfSigned('self'))).toBe('none')
    expect(await ask(port, await (await createAuthority('authority')).issue('client', 'client'))).toBe('none')
  })

  test('asks for none where it is told so', async () => {
    expect(await ask(await listen({ clientCertificates: 'none' }), client)).toBe('none')
  })

  test('speaks TLS 1.2 and later only', async () => {
    const port = await listen()
    expect(await ask(port, { ...client, maxVersion: 'TLSv1.2' })).toBe('CN=client')
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(ask(port, old)).rejects.toThrow()
  })

  test('hangs up on what is no handshake, and on what never becomes one', async () => {
    const port = await listen()
    for (const sent of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16']) {
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(sent))
      let said = ''
      socket.on('data', data => {
        said += data.toString('latin1')
      })
      socket.on('error', () => {})
      await once(socket, 'close')
      expect(said).not.toContain('HTTP')
    }
  })

  test('is a configuration error where its files do not fit, which names them and quotes nothing', async () => {
    const other = await writeCertificate(directory, 'other', await createSelfSigned('other'))
    await expect(listen({ key: other.key })).rejects.toThrow(
      `${files.cert} and ${other.key} are not a certificate and its private key`,
    )
    await expect(listen({ cert: join(directory, 'nowhere.pem') })).rejects.toThrow('nowhere.pem: cannot be read')
  })
})
