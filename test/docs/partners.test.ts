import { describe, expect, test } from '@jest/globals'
import { MAX_QUERY_BYTES } from '../../src/http/header-rules.ts'
import { ERRORS } from '../../src/model/errors.ts'
import { applied, readSchema } from '../schema/sdl.ts'
import { readText, tableIn } from './project.ts'

/** What the pages for partners say in tables, held to what is so. */

const read = (page: string) => readText(`docs/partners/${page}`)

describe('docs/partners/errors.md', () => {
  const sections = async () =>
    (await read('errors.md')).split('\n**').map(section => ({
      begins: section.split('**')[0] ?? '',
      codes: [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code = '']) => code),
    }))

  test('says of every code what to do, once', async () => {
    const codes = (await sections()).flatMap(section => section.codes)
    expect(codes.toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  })

  test('says to wait where asking again may help, and nowhere else', async () => {
    for (const { begins, codes } of await sections()) {
      const retryable = codes.map(code => ERRORS[code as keyof typeof ERRORS].retryable)
      expect([begins, retryable]).toEqual([begins, codes.map(() => begins.startsWith('Wait'))])
    }
  })
})

const IN_WORDS: Readonly<Record<string, number | undefined>> = {
  '5 seconds': 5,
  '15 seconds': 15,
  '30 seconds': 30,
  'a minute': 60,
  'an hour': 3_600,
  'a day': 86_400,
  '7 days': 604_800,
}

test('docs/partners/freshness.md has every question with the times that the schema declares', async () => {
  const rows = tableIn(await read('freshness.md'), 'ask', 'fresh for', 'what was said last may be given for')
  const shown = rows.flatMap(([asked = '', fresh = '', last = '']) =>
    [...asked.matchAll(/\w+/g)].map(([field]) => [field, IN_WORDS[fresh], IN_WORDS[last]]),
  )
  const declared = Object.values(readSchema().getQueryType()?.getFields() ?? {})
    .filter(({ name }) => name !== 'viewer')
    .map(({ name, astNode }) => [
      name,
      ...['cacheControl', 'lastKnownGood'].map(directive => applied(astNode, directive)[0]?.maxAge),
    ])
  expect(shown.toSorted()).toEqual(declared.toSorted())
})

test('docs/partners/limits.md has the defaults of the settings', async () => {
  const settings = new Map(
    tableIn(await readText('docs/configuration.md'), 'setting', 'default', 'what it is').map(([name, preset]) => [
      name,
      preset,
    ]),
  )
  const page = await read('limits.md')
  settings.set('none', String(MAX_QUERY_BYTES))
  for (const [, setting, preset, code = ''] of tableIn(page, 'limit', 'setting', 'default', 'refused with')) {
    expect([setting, preset?.replaceAll(',', '')]).toEqual([setting, settings.get(setting)])
    expect(Object.keys(ERRORS)).toContain(code)
  }
  const bounds = tableIn(page, 'what', 'default', 'refused with').map(([, preset]) => preset?.replaceAll(',', ''))
  expect(bounds).toEqual(
    ['limits.operationCost', 'limits.costPerMinute', 'admission.inFlightPerPartner', 'limits.streamsPerPartner'].map(
      name => settings.get(name),
    ),
  )
})

test('examples/typescript/package.json has the versions that the examples are tried with', async () => {
  const [own, all] = await Promise.all(
    ['examples/typescript/package.json', 'package.json'].map(async file => JSON.parse(await readText(file))),
  )
  const installed = { ...all.dependencies, ...all.devDependencies }
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies }))
    expect([name, version]).toEqual([name, installed[name]])
})
