import { describe, expect, test } from '@jest/globals'
import { createPatientFetch } from '../../examples/typescript/src/patient-fetch.ts'
import { createTokenSource } from '../../examples/typescript/src/token.ts'
import { describeWith } from '../support/needs.ts'
import { runPython } from './running.ts'
import { GOOD, refused, type Scripted, scriptedGateway } from './scripted-gateway.ts'

/** How the examples come by their tokens, and what they do when one ends. Issuer and gateway are scripted. */

const TOKEN = '/graphql/token'
const ENDED: Scripted = { status: 401, body: refused('UNAUTHENTICATED') }
const given = (access_token: string, expires_in?: number): Scripted => ({
  status: 200,
  body: { access_token, token_type: 'Bearer', expires_in },
})

const gateway = scriptedGateway()

async function scripted(tokens: readonly Scripted[], ...answers: readonly Scripted[]) {
  await gateway.script(answers, { [TOKEN]: tokens })
  return { url: gateway.url, issuer: gateway.url.replace('/graphql', TOKEN) }
}
const asked = () => gateway.requests.filter(({ url }) => url !== TOKEN).map(({ headers }) => headers.authorization)
const fetched = () => gateway.requests.filter(({ url }) => url === TOKEN)

describe('createTokenSource', () => {
  const client = { clientId: 'a client', clientSecret: 'p&ss', parameters: { scope: 'parts:read', resource: 'urn:g' } }

  test('asks by the client credentials grant, once for all who wait', async () => {
    const { issuer } = await scripted([given('one', 300)])
    const token = createTokenSource({ url: issuer, ...client })
    expect(await Promise.all([token(), token()])).toEqual(['one', 'one'])
    const [request, ...more] = fetched()
    expect([request?.body, request?.headers.authorization, more]).toEqual([
      'grant_type=client_credentials&scope=parts%3Aread&resource=urn%3Ag',
      `Basic ${btoa('a%20client:p%26ss')}`,
      [],
    ])
  })

  test('keeps a token until a minute before it ends', async () => {
    const { issuer } = await scripted([given('one', 300), given('two', 300)])
    let now = 0
    const token = createTokenSource({ url: issuer, ...client, now: () => now })
    const seen = []
    for (now of [0, 239_999, 240_000]) seen.push(await token())
    expect(seen).toEqual(['one', 'one', 'two'])
  })

  test('has one that is refused replaced, once', async () => {
    const { url, issuer } = await scripted([given('one'), given('two')], ENDED, GOOD)
    const patient = createPatientFetch({ token: createTokenSource({ url: issuer, ...client }) })
    expect((await patient(url)).status).toBe(200)
    expect(asked()).toEqual(['Bearer one', 'Bearer two'])
  })

  test('gives up where the new one is refused as well', async () => {
    const { url, issuer } = await scripted([given('one'), given('two'), given('three')], ENDED)
    const patient = createPatientFetch({ token: createTokenSource({ url: issuer, ...client }) })
    expect((await patient(url)).status).toBe(401)
    expect(asked()).toEqual(['Bearer one', 'Bearer two'])
  })

  test('does not ask again an issuer that gives this client none', async () => {
    const { url, issuer } = await scripted([{ status: 401, body: { error: 'invalid_client' } }], GOOD)
    const patient = createPatientFetch({ token: createTokenSource({ url: issuer, ...client }) })
    await expect(patient(url)).rejects.toThrow('the issuer gives no token: 401 invalid_client')
    expect([fetched().length, asked()]).toEqual([1, []])
  })
})

describeWith(['python'], 'Credentials of gateway.py', () => {
  const run = (lines: string, { url, issuer }: { readonly url: string; readonly issuer: string }) =>
    runPython(`import sys\nfrom gateway import *\nurl, issuer = sys.argv[1:]\n${lines}`, url, issuer)

  test('are kept until a minute before they end', async () => {
    const site = await scripted([given('one', 300), given('two', 300)], GOOD)
    const { stdout, stderr } = await run(
      [
        'now = [0]',
        "token = Credentials(issuer, 'a client', 'p&ss', {'scope': 'parts:read'}, now=lambda: now[0])",
        'for now[0] in (0, 239.9, 240): print(token())',
      ].join('\n'),
      site,
    )
    expect([stdout, stderr]).toEqual(['one\none\ntwo\n', ''])
    expect(fetched().map(({ body, headers }) => [body, headers.authorization])).toEqual(
      Array(2).fill(['grant_type=client_credentials&scope=parts%3Aread', `Basic ${btoa('a+client:p%26ss')}`]),
    )
  })

  test('are replaced once where they are refused', async () => {
    const site = await scripted([given('one'), given('two')], ENDED, GOOD, ENDED)
    const { stdout, stderr } = await run(
      [
        "gateway = Gateway(Credentials(issuer, 'a', 'b'), url)",
        "print(gateway.ask('{ a }').data)",
        "try: gateway.ask('{ a }')",
        'except Refused as problem: print(problem)',
      ].join('\n'),
      site,
    )
    expect([stdout, stderr]).toEqual([
      "{'partAvailability': []}\n401 UNAUTHENTICATED: UNAUTHENTICATED (request unknown)\n",
      '',
    ])
    // The issuer has no third.
    expect(asked()).toEqual(['one', 'two', 'two'].map(token => `Bearer ${token}`))
  })

  test('are not asked for again where the issuer gives this client none', async () => {
    const site = await scripted([{ status: 401, body: { error: 'invalid_client' } }], GOOD)
    const { stdout, stderr } = await run(
      "try: Gateway(Credentials(issuer, 'a', 'b'), url).ask('{ a }')\nexcept Refused as problem: print(problem)",
      site,
    )
    expect([stdout, stderr]).toEqual(['401 invalid_client: the issuer gives no token (request unknown)\n', ''])
    expect([fetched().length, asked()]).toEqual([1, []])
  })
})
