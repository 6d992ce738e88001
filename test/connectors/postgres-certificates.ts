/**
 * An authority of a test's own, made when it runs, and certificates that it signs, all in PEM. The library asks for
 * decorator metadata, of which it needs no more than a place to keep some.
 */
const kept = new WeakMap<object, Map<unknown, unknown>>()
Object.assign(Reflect, {
  getMetadata: (key: unknown, target: object) => kept.get(target)?.get(key),
  getOwnMetadata: (key: unknown, target: object) => kept.get(target)?.get(key),
  defineMetadata: (key: unknown, value: unknown, target: object) =>
    void kept.set(target, (kept.get(target) ?? new Map()).set(key, value)),
})
const x509 = await import('@peculiar/x509')

export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly ca: string
  issue(dnsName: string): Promise<Certificate>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  return {
    ca: certificate.toString('pem'),
    async issue(dnsName) {
      const own = await newKeys()
      const issued = await x509.X509CertificateGenerator.create({
        subject: `CN=${dnsName}`,
        issuer: certificate.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity(),
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }])],
      })
      const key = await crypto.subtle.exportKey('pkcs8', own.privateKey)
      return { cert: issued.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
    },
  }
}

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
const validity = () => ({ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) })
