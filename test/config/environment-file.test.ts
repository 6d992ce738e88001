// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment are written like this
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { expandEnvironment } from '../../src/config/environment.ts'

/** Variables whose values stand in files, as Docker, Kubernetes and systemd hand secrets over. */

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-secrets-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function secretFile(text: string, mode = 0o600): Promise<string> {
  const file = join(directory, 'one')
  await rm(file, { force: true })
  await writeFile(file, text, { mode: 0o600 })
  await chmod(file, mode)
  return file
}

const problemsOf = (text: string, environment: Readonly<Record<string, string>>) =>
  expandEnvironment({ a: text }, environment).problems.map(problem => problem.text.replaceAll(directory, ''))

describe('a variable that is not set', () => {
  test.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['two\nlines\n', 'two\nlines'],
    [' s3cret ', ' s3cret '],
    ['${OTHER}', '${OTHER}'],
  ])(
    'is what stands in the file that NAME_FILE names, as text and without the last line feed: %j',
    async (text, value) => {
      const environment = { DATABASE_FILE: await secretFile(text), OTHER: 'other' }
      expect(expandEnvironment({ a: 'x${DATABASE}y' }, environment)).toMatchObject({
        value: { a: `x${value}y` },
        problems: [],
      })
    },
  )

  test('is its default where the file is empty, as where the variable itself is', async () => {
    const environment = { DATABASE_FILE: await secretFile('\n') }
    expect(expandEnvironment({ a: '${DATABASE:-preset}' }, environment).value).toEqual({ a: 'preset' })
  })

  test('is read anew each time, so that a reload takes up a new secret', async () => {
    const environment = { DATABASE_FILE: await secretFile('old') }
    expect(expandEnvironment('${DATABASE}', environment).value).toBe('old')
    await secretFile('new')
    expect(expandEnvironment('${DATABASE}', environment).value).toBe('new')
  })

  test('is not looked for where the configuration does not name it', () => {
    expect(problemsOf('${DATABASE}', { DATABASE: 'x', SSL_CERT_FILE: '/nowhere' })).toEqual([])
  })
})

describe('a file that cannot be used is one problem, which never repeats what stands in it', () => {
  test('because it is not there', () => {
    expect(problemsOf('${DATABASE}', { DATABASE_FILE: join(directory, 'none') })).toEqual([
      'DATABASE_FILE names a file that cannot be used: /none cannot be read: there is no such file',
    ])
  })

  test('because it is a directory', async () => {
    await chmod(directory, 0o700)
    expect(problemsOf('${DATABASE}', { DATABASE_FILE: directory })).toEqual([
      'DATABASE_FILE names a file that cannot be used:  cannot be read: it is a directory',
    ])
  })

  const posix = process.platform === 'win32' ? test.skip : test
  posix('because other users can read it', async () => {
    expect(problemsOf('${DATABASE}', { DATABASE_FILE: await secretFile('s3cret', 0o644) })).toEqual([
      "DATABASE_FILE names a file that cannot be used: /one has the mode 0644, so other users can read the secret; run: chmod 0600 '/one'",
    ])
  })

  test('because the variable is set as well', async () => {
    expect(problemsOf('${DATABASE}', { DATABASE: 's3cret', DATABASE_FILE: await secretFile('other') })).toEqual([
      'the environment has both DATABASE and DATABASE_FILE; unset one of them',
    ])
  })
})
