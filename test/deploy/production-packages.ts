import { readText } from '../docs/project.ts'

/** A package as the lockfile has it. */
export interface LockedPackage {
  /** Where it stands: `node_modules/a/node_modules/b`. */
  readonly place: string
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly dev?: true
  readonly optional?: true
  readonly devOptional?: true
}

/** All that the lockfile has, but for the project itself. */
export async function lockedPackages(): Promise<readonly LockedPackage[]> {
  const { packages } = JSON.parse(await readText('package-lock.json')) as {
    readonly packages: Readonly<Record<string, Omit<LockedPackage, 'place' | 'name'>>>
  }
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, locked]) => ({ ...locked, place, name: place.replace(/^.*node_modules\//, '') }))
}

/** What `npm ci --omit=dev` installs; with `--omit=optional` beside it, what has to be there on every platform. */
export function installed(packages: readonly LockedPackage[], omit: readonly string[]): readonly LockedPackage[] {
  const [dev, optional] = ['dev', 'optional'].map(kind => omit.includes(kind))
  return packages.filter(
    locked => !(dev && locked.dev) && !(optional && locked.optional) && !(dev && optional && locked.devOptional),
  )
}
