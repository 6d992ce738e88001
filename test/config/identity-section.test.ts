import { describe, expect, test } from '@jest/globals'
import { identitySchema } from '../../src/config/identity-schema.ts'
import { listenSchema } from '../../src/config/listen-schema.ts'

const VALID = { issuer: 'https://id.example', audience: 'gateway', algorithms: ['ES256'] }
const TIMES = { timeoutMs: 2_000, cooldownSeconds: 30, refreshSeconds: 600, keepSeconds: 86_400 }

const identity = (change: object) => identitySchema('/etc/gateway').safeParse({ ...VALID, ...change })
const problemsOf = ({ error }: ReturnType<typeof identity>) => error?.issues.map(({ message }) => message)

test.each<[string, object, object]>([
  ['a file', { file: 'keys.json' }, { kind: 'file', file: '/etc/gateway/keys.json' }],
  ['a URL', { url: 'https://id.example/keys' }, { kind: 'url', url: 'https://id.example/keys', ...TIMES }],
  ['discovery', { discovery: true }, { kind: 'discovery', ...TIMES }],
  [
    'discovery over TLS',
    { discovery: true, tls: { ca: 'ca.pem' } },
    { kind: 'discovery', tls: { ca: '/etc/gateway/ca.pem' } },
  ],
])('keys come from %s', (_, keys, source) => {
  expect(identity({ keys }).data?.keys).toMatchObject(source)
})

test('DPoP is known by one URL or by several, which hold no query', () => {
  expect(identity({}).data).toMatchObject({ dpop: { proofSeconds: 60, nonceSeconds: 300 } })
  expect(identity({ publicUrl: 'https://a.example' }).data?.publicUrl).toEqual(['https://a.example'])
  expect(identity({ publicUrl: ['https://a.example', 'https://b.example/api'] }).data?.publicUrl).toHaveLength(2)
})

describe('a section that could not be meant so is refused', () => {
  test.each<[string, object, string]>([
    ['no source of keys', { keys: {} }, 'has neither file, url nor discovery'],
    ['two sources of keys', { keys: { url: 'https://a.example', discovery: true } }, 'has both url and discovery'],
    ['TLS to a file', { keys: { file: 'a', tls: { ca: 'b' } } }, 'has tls, which needs url or discovery'],
    ['discovery that is false', { keys: { discovery: false } }, 'must be true, or left out'],
    ['a secret algorithm', { algorithms: ['HS256'] }, 'Invalid option'],
    ['a secret algorithm for proofs', { dpop: { algorithms: ['HS256'] } }, 'Invalid option'],
    ['a URL over plain http', { publicUrl: 'http://gateway.example' }, 'must be an https URL'],
    ['a URL with a query', { publicUrl: 'https://gateway.example/?a' }, 'must be a URL without a query'],
  ])('%s', (_, change, problem) => {
    expect(problemsOf(identity(change))).toEqual([expect.stringContaining(problem)])
  })

  const certificate = (header: string, ...trustedProxies: readonly string[]) =>
    identity({ clientCertificate: { header, trustedProxies } })

  test.each([
    ...['authorization', 'dpop', 'user-agent', 'accept', 'accept-language', 'proxy-authorization', 'x-forwarded-for'],
    ...['x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'via', 'referer', 'origin', 'range', 'if-none-match'],
    ...['date', 'age', 'host', 'content-type', 'cookie', 'client-cert-chain', 'Client-Cert', 'cert\n', 'cert:'],
  ])('a header that is for something else: %s', header => {
    expect(problemsOf(certificate(header, '::1'))).toEqual([expect.stringContaining('must be the name of a header')])
  })

  test.each([
    ...['proxy', '', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '0.0.0.0/0', '10.0.0.0/7', '::/0', '2001:db8::/31'],
    ...['2001:db8::/129', '::ffff:10.0.0.0/104', '::ffff:0:0/96', '0:0:0:0:0:FFFF:a00:1', 'fe80::1%eth0'],
  ])('proxies that are no address of proxies: "%s"', range => {
    expect(problemsOf(certificate('client-cert', range))).toEqual([expect.stringContaining('must be an address')])
  })

  test('and what proxies have is taken', () => {
    const headers = [
      'client-cert',
      'x-ssl-client-cert',
      'ssl-client-cert',
      'x-amzn-mtls-clientcert',
      'x-tls-certificate',
    ]
    const ranges = ['192.0.2.7', '10.0.0.0/8', '2001:db8::/32', '2001:db8::7', '::1', 'loopback', '192.0.2.7/32']
    for (const header of headers) expect(problemsOf(certificate(header, ...ranges))).toBeUndefined()
  })

  test('authorities of certificates that nobody asks for', () => {
    const tls = { cert: 'a', key: 'b', clientCa: 'c' }
    expect(listenSchema('/etc').safeParse({ tls }).error?.issues[0]?.message).toContain(
      'needs clientCertificates: optional',
    )
    expect(listenSchema('/etc').parse({ tls: { ...tls, clientCertificates: 'optional' } })).toMatchObject({
      port: 4_000,
      tls: { cert: '/etc/a', clientCa: '/etc/c' },
    })
  })
})
