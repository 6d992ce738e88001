import { afterEach, describe, expect, test } from '@jest/globals'
import { platformRoutes } from '../../src/http/admin/listener.ts'
import { operatorRoutes } from '../../src/http/admin/operator.ts'
import type { OperatorPort } from '../../src/http/admin/port.ts'
import { REFUSAL_CODES } from '../../src/recovery/statements/refusal.ts'
import { readText, tableIn } from '../docs/project.ts'
import { type AdminUnderTest, startAdmin } from './admin-desk.ts'

let admin: AdminUnderTest
afterEach(() => admin?.app.close())

const silent = { info: () => {}, warn: () => {} }
const routes = [
  ...platformRoutes({ readiness: async () => ({ ready: true }), metrics: () => '' }),
  ...operatorRoutes({} as OperatorPort, silent),
].map(({ method, url }) => `${method} ${url}`)

const documented = async () =>
  tableIn(await readText('docs/admin-api.md'), 'route', 'parameters', 'answers').map(([route = '']) => route)

describe('docs/admin-api.md', () => {
  test('has every route of the admin listener and no other', async () => {
    expect((await documented()).toSorted()).toEqual(routes.toSorted())
  })

  test('names every type that operators are answered with', async () => {
    const page = await readText('docs/admin-api.md')
    const types = [...(await readText('src/http/admin/api.ts')).matchAll(/^export interface (\w+)/gm)]
    expect(types.length).toBeGreaterThan(8)
    for (const [, name] of types) expect(page).toContain(`\`${name}`)
  })

  test('leaves the refusals to the page on statements, but for those with a status of their own', async () => {
    const page = await readText('docs/admin-api.md')
    expect(REFUSAL_CODES.filter(code => page.includes(code))).toEqual([
      'GUARD_UNMET',
      'JOURNAL_OUT_OF_REACH',
      'JOURNAL_NOT_VERIFIED',
    ])
  })
})

describe('every route', () => {
  test.each(routes)('%s is there, and refuses every other method with the one that it takes', async route => {
    admin = startAdmin()
    const [taken = '', path = ''] = route.split(' ')
    const url = path.replace(':slug', 'parts-logistics')
    const others = (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).filter(m => m !== taken)
    for (const method of others) {
      const answer = await admin.app.inject({
        method,
        url,
        headers: { 'content-type': 'application/json' },
        payload: '{',
      })
      expect([method, answer.statusCode, answer.headers.allow]).toEqual([method, 405, taken])
      if (method !== 'HEAD') expect(answer.json()).toEqual({ code: 'METHOD_NOT_ALLOWED', message: expect.any(String) })
    }
    expect(admin.asked).toEqual([])
  })

  test.each(['/', '/statement', '/statements/1', '/systems', '/systems/parts-logistics', '/journal/1', '/status/'])(
    'but %s',
    async url => {
      admin = startAdmin()
      const answer = await admin.app.inject(url)
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'NOT_FOUND'])
    },
  )

  test('%, and the path is malformed', async () => {
    admin = startAdmin()
    const answer = await admin.app.inject('/systems/%zz/check')
    expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'BAD_REQUEST', message: expect.any(String) }])
  })
})
