import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkService } from '../../src/commands/config/checks/service-check.ts'
import { trustedDocuments } from '../../src/commands/config/checks/trusted-documents.ts'
import { trustedDocumentsSchema } from '../../src/config/trusted-documents-schema.ts'
import { parseOperatorFile } from '../../src/model/operator-file.ts'
import { LIMITS } from './planning.ts'

const [A, B] = ['BPNL00000000000A', 'BPNL00000000000B']
const settings = (value: unknown) =>
  parseOperatorFile(trustedDocumentsSchema('/etc/gateway'), { source: 'g.yaml', value })

describe('the section of the configuration', () => {
  test('left out is off, without manifests', () => {
    expect(settings(undefined)).toEqual({ mode: 'off', partners: {}, manifests: [] })
  })

  test('has a mode for all, modes for partners, and manifests for all or for some', () => {
    expect(
      settings({
        mode: 'audit',
        partners: { [A]: 'enforce' },
        manifests: [{ file: 'a.json' }, { file: '/b.json', partners: [A, B] }],
      }),
    ).toEqual({
      mode: 'audit',
      partners: { [A]: 'enforce' },
      manifests: [{ file: '/etc/gateway/a.json' }, { file: '/b.json', partners: [A, B] }],
    })
  })

  test.each([
    [{ mode: 'on' }, /^g\.yaml: mode: is "on"; must be one of off, audit, enforce$/],
    [{ partners: { [A]: 'on' } }, /^g\.yaml: partners\.BPNL00000000000A: is "on"; must be one of off, audit, enforce$/],
    [{ partners: { anna: 'audit' } }, /^g\.yaml: partners\.anna: is no partner; its name must be a BPNL/],
    [{ manifests: [{}] }, /^g\.yaml: manifests\[0\]\.file: is missing; must be a path/],
    [
      { manifests: [{ file: 'a', partners: [] }] },
      /^g\.yaml: manifests\[0\]\.partners: is a list; must have at least 1 entries$/,
    ],
    [
      { manifests: [{ file: 'a', partners: [A, A] }] },
      /partners\[1\]: BPNL00000000000A is that of entry \[0\] already/,
    ],
    [
      { mode: 'enforce' },
      /^g\.yaml: manifests: is missing, and with enforce nothing could be asked; must name at least one file$/,
    ],
    [{ partners: { [A]: 'enforce' } }, /^g\.yaml: manifests: is missing, and with enforce/],
  ])('%j is refused', (value, problem) => {
    expect(() => settings(value)).toThrow(problem)
  })
})

const NO_FEDERATION = { enabled: false }

describe('the check of a configuration', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-trusted-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function check(documents: Readonly<Record<string, string>>) {
    const file = join(directory, 'documents.json')
    await writeFile(file, JSON.stringify(documents))
    const [service] = trustedDocuments({
      trustedDocuments: { mode: 'off', partners: {}, manifests: [{ file }] },
      documents: LIMITS,
      federation: NO_FEDERATION,
    })
    if (service === undefined) throw new Error('there is a manifest to look at')
    return { file, ...(await checkService(service, 10_000)) }
  }

  test('plans every document against the partner schema', async () => {
    const { found, problems } = await check({
      one: 'query One { viewer { partner { bpnl } } }',
      two: '{ restartStatus { headline } }',
    })
    expect(problems).toEqual([])
    expect(found).toBe('2 documents in 1 manifest')
  })

  test('has a problem for each that cannot be asked, naming file, id and remedy', async () => {
    const { file, found, problems } = await check({
      good: '{ restartStatus { headline } }',
      gone: '{ gone }',
      odd: '{',
    })
    expect(found).toBeNull()
    expect(problems.map(({ what }) => what)).toEqual([
      expect.stringMatching(
        `^${file}: gone: cannot be asked: Cannot query field "gone" on type "Query".*; mend its client, or leave`,
      ),
      expect.stringMatching(`^${file}: odd: cannot be asked: Syntax Error`),
    ])
  })

  test('looks at nothing where there is no manifest', () => {
    const without = { trustedDocuments: settings(undefined), documents: LIMITS, federation: NO_FEDERATION }
    expect(trustedDocuments(without)).toEqual([])
  })
})
