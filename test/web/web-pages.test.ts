import { hash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type DeclaredGateway, startGateway } from '../support/gateway.ts'

/** The pages over HTTP: what a browser is told of them, and what they keep from it. */
const host = 'gateway.test'
const get = ({ app }: DeclaredGateway, url: string, headers: Record<string, string> = {}) =>
  app.partners.inject({ url, headers: { host, ...headers } })

describe('the pages of a site', () => {
  let gateway: DeclaredGateway
  beforeAll(async () => {
    const manifests = [{ file: await manifestOf('{ viewer { scopes } }') }]
    gateway = await startGateway({ settings: { trustedDocuments: { mode: 'enforce', manifests } } })
  })
  afterAll(() => gateway.close())

  test('may run and show the files of their host alone, and nothing inline', async () => {
    const { headers, payload } = await get(gateway, '/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; " +
        "frame-ancestors 'none'; style-src 'self'; require-trusted-types-for 'script'",
    )
    expect(payload).not.toMatch(/ (style|on\w+)=/)
    expect([...payload.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)).toEqual([
      expect.stringMatching(/^ type="module" src="\/assets\/page-[\w-]{8}\.js"$/),
      ' type="application/json" id="beginning"',
    ])
    expect(payload).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })

  test('let the explorer make styles by a nonce that is new each time', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const { headers, payload } = await get(gateway, '/explorer')
        expect(headers['cache-control']).toBe('no-store')
        const [, nonce = ''] = /'nonce-([\w-]{22})'/.exec(String(headers['content-security-policy'])) ?? []
        expect(payload).toContain(`nonce="${nonce}"`)
        return nonce
      }),
    )
    expect(new Set(nonces).size).toBe(2)
    expect(nonces).not.toContain('')
  })

  test('are sent once: by a tag, and files for good', async () => {
    const page = await get(gateway, '/')
    expect(page.headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    const again = await get(gateway, '/', { 'if-none-match': String(page.headers.etag) })
    expect([again.statusCode, again.payload]).toEqual([304, ''])

    const [script = ''] = /\/assets\/page-[\w-]+\.js/.exec(page.payload) ?? []
    const [whole, small] = await Promise.all([get(gateway, script), get(gateway, script, { 'accept-encoding': 'br' })])
    expect(whole.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(small.headers['content-encoding']).toBe('br')
    expect(small.rawPayload.length).toBeLessThan(whole.rawPayload.length / 2)
  })

  test.each(['/assets/none.js', '/assets/../server/page.js', '/assets/%2e%2e%2fserver%2fpage.js', '/explorer/x'])(
    'have nothing at %s',
    async path => {
      expect((await get(gateway, path)).statusCode).toBe(404)
    },
  )

  test('sign nobody in: that path is as unknown as any other', async () => {
    const answer = await signIn(gateway, { origin: `http://${host}` })
    expect(answer.statusCode).toBe(404)
    expect((await get(gateway, '/explorer')).payload).toContain('data-embedded="false"')
  })

  test('ask what is trusted without a manifest of the site', async () => {
    const { documents } = (await import('../../web/dist/server/page.js' as string)) as {
      readonly documents: readonly string[]
    }
    for (const query of documents) {
      const { body } = await gateway.ask('sample-internal', { query })
      expect([body.errors, body.data.restartStatus.systems.length]).toEqual([undefined, 3])
    }
    const { body } = await gateway.ask('sample-internal', { query: '{ restartStatus { headline } }' })
    expect(body.errors[0].extensions.code).toBe('DOCUMENT_NOT_TRUSTED')
  })

  test('are not there where the status page is switched off', async () => {
    const off = await startGateway({ settings: { statusPage: { enabled: false } } })
    try {
      for (const path of ['/', '/explorer']) expect((await get(off, path)).statusCode).toBe(404)
    } finally {
      await off.close()
    }
  })
})

test('the embedded default signs sample partners in, from its own pages alone', async () => {
  const embedded = await startGateway({ signInAsSample: async sample => (sample === 'retailer' ? 'a.b.c' : null) })
  try {
    const own = { host: '127.0.0.1:4000', origin: 'http://127.0.0.1:4000', 'sec-fetch-site': 'same-origin' }
    const signed = await signIn(embedded, own)
    expect([signed.statusCode, signed.json(), signed.headers['cache-control']]).toEqual([
      200,
      { token: 'a.b.c' },
      'no-store',
    ])
    expect((await signIn(embedded, own, 'nobody')).statusCode).toBe(400)
    for (const headers of [
      { ...own, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
      { ...own, 'sec-fetch-site': 'same-site' },
      { ...own, origin: '' },
      // A name that leads here by rebinding: both headers agree.
      { host: 'evil.example:4000', origin: 'http://evil.example:4000' },
    ])
      expect((await signIn(embedded, headers)).statusCode).toBe(403)
    // From another machine, where somebody has it listen to more than this one.
    for (const [remoteAddress, status] of [
      ['10.1.2.3', 403],
      ['::ffff:10.1.2.3', 403],
      ['fd00::7', 403],
      ['::1', 200],
      ['::ffff:127.0.0.1', 200],
    ] as const)
      expect((await signIn(embedded, own, 'retailer', remoteAddress)).statusCode).toBe(status)
  } finally {
    await embedded.close()
  }
})

function signIn(
  { app }: DeclaredGateway,
  headers: Record<string, string>,
  sample = 'retailer',
  remoteAddress = '127.0.0.1',
): Promise<{ statusCode: number; headers: Record<string, unknown>; json: () => unknown }> {
  return app.partners.inject({
    method: 'POST',
    url: '/explorer/sign-in',
    remoteAddress,
    headers: { host, 'content-type': 'application/json', ...headers },
    payload: JSON.stringify({ sample }),
  })
}

async function manifestOf(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'recovery-gateway-manifest-')), 'manifest.json')
  await writeFile(file, JSON.stringify({ [hash('sha256', text)]: text }))
  return file
}
