import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The schema of each release, as one text beside the reference; and that of today. */
export interface Release {
  readonly version: string
  readonly sdl: string
}

const ROOT = join(import.meta.dirname, '../../..')
const RELEASES = join(ROOT, 'docs/partners/schema/releases')
const SCHEMA = join(ROOT, 'schema')

export function todaysSdl(): string {
  const files = readdirSync(SCHEMA).filter(name => name.endsWith('.graphql'))
  return files
    .toSorted()
    .map(name => `${readFileSync(join(SCHEMA, name), 'utf8').trim()}\n`)
    .join('\n')
}

export function lastRelease(): Release {
  const versions = readdirSync(RELEASES).flatMap(name => /^(\d+\.\d+\.\d+)\.graphql$/.exec(name)?.[1] ?? [])
  const last = versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (last === undefined) throw new Error(`${RELEASES} holds no release`)
  return { version: last, sdl: readFileSync(join(RELEASES, `${last}.graphql`), 'utf8') }
}

/** Keeps the schema of today as that of a release; one that is there is never written again. */
export function keepRelease(version: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is no version: MAJOR.MINOR.PATCH`)
  writeFileSync(join(RELEASES, `${version}.graphql`), todaysSdl(), { flag: 'wx' })
}
