import { webcrypto } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Extension, X509Certificate } from '@peculiar/x509'

/** Real certificates for tests: an authority, what it signs, and what nobody signs. Valid for a day. */

// The library asks for decorator metadata, of which it needs no more than a place to keep some.
const metadata = new WeakMap<object, Map<unknown, unknown>>()
Object.assign(Reflect, {
  getMetadata: (key: unknown, target: object) => metadata.get(target)?.get(key),
  getOwnMetadata: (key: unknown, target: object) => metadata.get(target)?.get(key),
  defineMetadata: (key: unknown, value: unknown, target: object) =>
    void metadata.set(target, (metadata.get(target) ?? new Map()).set(key, value)),
})
const x509 = await import('@peculiar/x509')

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000

export interface TestCertificate {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface TestAuthority extends TestCertificate {
  /** A server's is for this machine's own names, or for the one host that is given. */
  issue(name: string, use: 'server' | 'client', host?: string): Promise<TestCertificate>
}

type KeyPair = webcrypto.CryptoKeyPair
const createKeys = (): Promise<KeyPair> => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

const serialNumber = () => Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex')

async function written(certificate: X509Certificate, { privateKey }: KeyPair): Promise<TestCertificate> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(bytes, 'PRIVATE KEY') }
}

const validity = () => ({ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) })

export async function createAuthority(name: string): Promise<TestAuthority> {
  const keys = await createKeys()
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return {
    ...(await written(authority, keys)),
    async issue(subject, use, host) {
      const own = await createKeys()
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: `CN=${subject}`,
        issuer: authority.subject,
        ...validity(),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: extensionsFor(use, host),
      })
      return written(certificate, own)
    },
  }
}

export async function createSelfSigned(name: string): Promise<TestCertificate> {
  const keys = await createKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
  })
  return written(certificate, keys)
}

function extensionsFor(use: 'server' | 'client', host: string | undefined): Extension[] {
  if (use === 'client') return [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]
  return [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      host === undefined
        ? [
            { type: 'ip', value: '127.0.0.1' },
            { type: 'dns', value: 'localhost' },
          ]
        : [{ type: 'dns', value: host }],
    ),
  ]
}

/** Writes both as PEM files and returns their paths. */
export async function writeCertificate(directory: string, name: string, { cert, key }: TestCertificate) {
  await mkdir(directory, { recursive: true })
  const files = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key.pem`) }
  await writeFile(files.cert, cert)
  await writeFile(files.key, key, { mode: 0o600 })
  return files
}
