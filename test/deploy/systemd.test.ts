import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readText } from '../docs/project.ts'
import { copiesOf, readStages, type Stage } from './dockerfile.ts'
import { requiredVariables, variablesSet } from './example-configuration.ts'
import { readUnit, UNIT } from './unit.ts'

const ANALYZE = '/usr/bin/systemd-analyze'
/** Of systemd's own scale, 0 to 10, times 10: 0 to 20 is called OK, the best but for SAFE. */
const MOST_EXPOSED = 15
/** What the gateway needs: a network, the sockets between its processes, V8's compiler, files that its group can read. */
const LEFT = [
  'PrivateNetwork',
  'RestrictAddressFamilies_AF_INET_INET6',
  'RestrictAddressFamilies_AF_UNIX',
  'MemoryDenyWriteExecute',
  'IPAddressDeny',
  'UMask',
  // Counted although none but the clock's, which ProtectClock itself adds, is allowed.
  'DeviceAllow',
  'RootDirectoryOrRootImage',
]

describe(UNIT, () => {
  test('gives every secret as a credential, and every variable that has no preset', async () => {
    const unit = await readUnit()
    const environment = unit.all('Environment').map(text => text.split('='))
    const credentials = unit.all('LoadCredential').map(text => text.split(':')[0])
    const fromCredentials = environment.filter(([, value = '']) => value.startsWith('%d/'))
    expect(fromCredentials.map(([, value = '']) => value.slice('%d/'.length))).toEqual(credentials)
    const plain = (await readText('deploy/systemd/environment')).split('\n').filter(line => /^\w+=/.test(line))
    const names = [...fromCredentials.map(([name = '']) => name), ...plain.map(line => line.split('=')[0] ?? '')]
    expect(variablesSet(names)).toEqual(await requiredVariables())
  })

  test('lets it speak to nobody but this machine; the drop-in names the others', async () => {
    const unit = await readUnit()
    expect([unit.all('IPAddressDeny'), unit.all('IPAddressAllow')]).toEqual([['any'], ['localhost']])
    const allowed = (await readUnit('deploy/systemd/site.conf')).all('IPAddressAllow').flatMap(line => line.split(' '))
    for (const address of allowed) expect(address).toMatch(/^(192\.0\.2|198\.51\.100)\.\d+$/)
  })
})

test('a release has what the image has of the project, the pages that were built and the page that the unit names', async () => {
  const script = await readText('deploy/systemd/release.sh')
  const [, copied = ''] = /^cp -R (.*) "\$work\/release"$/m.exec(script) ?? []
  const shipped = new Set(copied.split(' '))
  const image = (await readStages()).at(-1) as Stage
  const ofProject = copiesOf(image)
    .filter(({ from }) => from === null)
    .flatMap(({ sources }) => sources.map(source => source.split('/')[0] ?? ''))
  expect(ofProject.filter(name => !shipped.has(name))).toEqual([])
  expect(copiesOf(image).find(({ from }) => from === 'build')?.sources).toEqual(['/app/web/dist'])
  expect(script).toContain('cp -R web/dist "$work/release/web/dist"\n')
  const [, page = ''] =
    /^file:\/\/\/opt\/recovery-gateway\/current\/(.*)$/.exec((await readUnit()).one('Documentation')) ?? []
  expect([shipped.has(page.split('/')[0] ?? ''), await readText(page)]).toEqual([true, expect.anything()])
})

test('docs/deployment.md enables the unit after its environment and secrets are there, and needs no registry for it', async () => {
  const [, section = ''] = /^## systemd\n([\s\S]*?)^## /m.exec(await readText('docs/deployment.md')) ?? []
  expect(section.indexOf('systemctl enable')).toBeGreaterThan(
    section.indexOf('Fill in `/etc/recovery-gateway/environment`'),
  )
  expect(section).not.toMatch(/^npm /m)
})

const describeWithSystemd = existsSync(ANALYZE) ? describe : describe.skip
describeWithSystemd(`${UNIT}, as systemd reads it (apt-get install systemd)`, () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'recovery-gateway-unit-'))
    const place = (path: string) => {
      const file = join(root, path)
      mkdirSync(dirname(file), { recursive: true })
      return file
    }
    copyFileSync(
      fileURLToPath(new URL(`../../${UNIT}`, import.meta.url)),
      place('/etc/systemd/system/recovery-gateway.service'),
    )
    for (const path of ['/opt/recovery-gateway/current/node_modules/.bin/node', '/bin/kill'])
      writeFileSync(place(path), '', { mode: 0o755 })
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('is understood whole, and what it starts is there', () => {
    const output = execFileSync(
      ANALYZE,
      ['verify', '--recursive-errors=no', `--root=${root}`, 'recovery-gateway.service'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    expect(output).toBe('')
  })

  test(`exposes at most ${MOST_EXPOSED / 10} of 10, and of what it could do without only what V8 and a network need`, () => {
    const file = fileURLToPath(new URL(`../../${UNIT}`, import.meta.url))
    const report = execFileSync(
      ANALYZE,
      ['security', '--offline=yes', '--json=short', `--threshold=${MOST_EXPOSED}`, file],
      {
        encoding: 'utf8',
      },
    )
    const exposed = (
      JSON.parse(report) as readonly {
        readonly json_field: string
        readonly set: boolean | null
        readonly exposure: string | null
      }[]
    )
      .filter(({ exposure }) => exposure !== null && Number(exposure) > 0)
      .map(({ json_field }) => json_field)
    expect(LEFT).toEqual(expect.arrayContaining(exposed))
  })
})
