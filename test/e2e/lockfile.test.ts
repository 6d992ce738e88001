import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'

interface Locked {
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = async (name: string) => JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'))

test('the lockfile has the packages of every platform, without which npm ci refuses it', async () => {
  const { packages } = (await read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> }
  const places = new Set(Object.keys(packages))
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(name => !places.has(`node_modules/${name}`) && !places.has(`${place}/node_modules/${name}`))
      .map(name => `${name} of ${place}`),
  )
  expect(missing).toEqual([])
})

test('every package that would run a script when it is installed is refused to', async () => {
  const { packages } = (await read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> }
  const { allowScripts } = await read('package.json')
  const names = Object.entries(packages)
    .filter(([place, { hasInstallScript }]) => hasInstallScript && place !== '')
    .map(([place]) => place.replace(/^.*node_modules\//, ''))
  expect(names.filter(name => allowScripts[name] !== false)).toEqual([])
})
