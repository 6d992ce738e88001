import { describe, expect, test } from '@jest/globals'
import { projectPaths, readText } from '../docs/project.ts'
import { readDockerIgnore } from './docker-ignore.ts'
import { copiesOf, only, readStages, type Stage, wordsOf } from './dockerfile.ts'
import { omittedBy } from './image-root.ts'
import { installed, lockedPackages } from './production-packages.ts'

const image = async () => (await readStages()).at(-1) as Stage

describe('the image', () => {
  test('is made of known bases, each by its registry, and has only its own stages to copy from', async () => {
    const stages = await readStages()
    for (const { base } of stages) expect(base).toMatch(/^[\w.-]+\.\w+\/[\w./-]+(:[\w.-]+)?$/)
    const names = stages.map(({ name }) => name)
    const sources = stages.flatMap(copiesOf).map(({ from }) => from)
    expect(sources.filter(from => from !== null && !names.includes(from))).toEqual([])
  })

  test('runs nothing while its last stage is made: what is there has been copied', async () => {
    const keywords = new Set((await image()).instructions.map(({ keyword }) => keyword))
    expect(keywords).toEqual(
      new Set(['LABEL', 'WORKDIR', 'COPY', 'USER', 'ENV', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']),
    )
  })

  test('is started as a user by number, who owns the two places for volumes and nothing else', async () => {
    const user = only(await image(), 'USER')
    expect(user).toMatch(/^[1-9]\d{4,}:[1-9]\d{4,}$/)
    const owned = copiesOf(await image()).filter(({ owner }) => owner !== null)
    expect(owned.map(({ owner, target }) => [owner, target])).toEqual([
      [user, '/var/lib/recovery-gateway'],
      [user, '/var/log/recovery-gateway'],
    ])
  })

  test('has commands in exec form, because it has no shell', async () => {
    const commands = ['ENTRYPOINT', 'CMD', 'HEALTHCHECK']
    for (const keyword of commands)
      expect(wordsOf(only(await image(), keyword).replace(/^.* CMD /, '')).length).toBeGreaterThan(1)
  })

  test('has every folder that the program is made of', async () => {
    const copied = copiesOf(await image()).flatMap(({ from, sources }) => (from === null ? sources : []))
    const imported = new Set<string>()
    for (const path of await projectPaths()) {
      if (!/^(bin|src|resolvers|demo)\/.*\.(ts|mjs)$/.test(path)) continue
      imported.add(path.split('/')[0] ?? '')
    }
    expect([...imported].filter(folder => !copied.includes(folder))).toEqual([])
    // Read while it runs: the version, the schema.
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'schema', 'LICENSE']))
  })

  test('has the packages of production, with nothing that only one platform has', async () => {
    const packages = (await readStages()).find(({ name }) => name === 'packages') as Stage
    expect(omittedBy(packages)).toEqual(['dev', 'optional'])
    const names = installed(await lockedPackages(), omittedBy(packages)).map(({ name }) => name)
    const { dependencies } = JSON.parse(await readText('package.json'))
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)))
    expect(names.filter(name => /^(node-(linux|win|darwin)|jest$|typescript$|@biomejs\/)/.test(name))).toEqual([])
  })

  test('is built with scripts that there are', async () => {
    const commands = (await readStages()).flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'RUN').map(({ argument }) => argument),
    )
    const { scripts } = JSON.parse(await readText('package.json'))
    const named = commands.flatMap(command => [...command.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name))
    expect(named.filter(name => scripts[name ?? ''] === undefined)).toEqual([])
  })
})

describe('.dockerignore', () => {
  test.each([
    ['src/app.ts', true],
    ['bin/recovery-gateway.mjs', true],
    ['package-lock.json', true],
    ['demo/story.ts', true],
    ['demo/extracts/production-schedule/manifest.json', false],
    ['.git/config', false],
    ['.data/gateway/signing-key.jwk.json', false],
    ['demo/.data/lock', false],
    ['node_modules/pg/package.json', false],
    ['web/node_modules/react/index.js', false],
    ['web/dist/index.html', false],
    ['test/deploy/image.test.ts', false],
    ['deploy/docker/healthcheck.mjs', true],
    ['deploy/docker/site/secrets/gateway.jwk.json', false],
    ['.env', false],
    ['src/trial.log', false],
  ])('%s: %s', async (path, isGiven) => {
    expect((await readDockerIgnore())(path)).toBe(isGiven)
  })

  test('gives the builder everything that the Dockerfile copies', async () => {
    const lets = await readDockerIgnore()
    const copied = (await readStages()).flatMap(copiesOf).flatMap(({ from, sources }) => (from === null ? sources : []))
    expect(copied.filter(path => !lets(path))).toEqual([])
  })
})
