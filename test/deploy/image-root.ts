import { chown, cp, mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDockerIgnore } from './docker-ignore.ts'
import { type Copy, copiesOf, only, readStages, type Stage } from './dockerfile.ts'
import { installed, lockedPackages } from './production-packages.ts'

/**
 * The file system of the image, laid out by following the Dockerfile's last stage: what is copied from the project passes
 * `.dockerignore`, and the packages are those that its own `npm ci` would have installed, out of this checkout's.
 */

const project = fileURLToPath(new URL('../../', import.meta.url))

/** Fills an empty directory. */
export async function layOutImage(root: string): Promise<void> {
  const stages = await readStages()
  const image = stages.at(-1) as Stage
  const workdir = only(image, 'WORKDIR')
  const lets = await readDockerIgnore()
  for (const copy of copiesOf(image)) {
    const target = join(root, copy.target.startsWith('/') ? '' : workdir, copy.target)
    const stage = stages.find(({ name }) => name === copy.from) ?? null
    if (stage === null) await copyFromProject(copy, target, lets)
    else await copyFromStage(stage, copy, target)
    const [uid, gid] = (copy.owner ?? '0:0').split(':').map(Number)
    if (copy.owner !== null) await chown(target, uid ?? 0, gid ?? 0)
  }
}

async function copyFromProject({ sources }: Copy, target: string, lets: (path: string) => boolean): Promise<void> {
  for (const source of sources) {
    const from = join(project, source)
    const isDirectory = (await stat(from)).isDirectory()
    if (!isDirectory && !lets(source)) throw new Error(`${source}: .dockerignore keeps it from the builder`)
    const to = isDirectory || !target.endsWith('/') ? target : join(target, basename(source))
    await mkdir(dirname(to), { recursive: true })
    await cp(from, to, {
      recursive: true,
      filter: path => isDirectory === false || path === from || lets(relative(project, path)),
    })
  }
}

async function copyFromStage(stage: Stage, { sources: [source = ''] }: Copy, target: string): Promise<void> {
  const directory = only(stage, 'WORKDIR')
  if (!source.startsWith(`${directory}/`)) return void (await mkdir(target, { recursive: true }))
  const place = source.slice(directory.length + 1)
  if (place === 'node_modules') await copyPackages(omittedBy(stage), target)
  // What the stage has built, this checkout has built as well.
  else await cp(join(project, place), target, { recursive: true })
}

/** What `npm ci` leaves out in this stage. */
export function omittedBy({ instructions }: Stage): readonly string[] {
  const command = instructions.find(({ argument }) => argument.startsWith('npm ci'))?.argument ?? ''
  return [...command.matchAll(/--omit=(\w+)/g)].map(([, kind]) => kind ?? '')
}

/** The packages of this checkout that are left after `npm ci` with these kinds omitted. */
export async function copyPackages(omit: readonly string[], target: string): Promise<void> {
  const wanted = installed(await lockedPackages(), omit)
  for (const { place } of wanted) {
    const from = join(project, place)
    const entries = await readdir(from).catch(() => null)
    // Of another platform.
    if (entries === null) continue
    const to = join(target, place.slice('node_modules/'.length))
    await mkdir(to, { recursive: true })
    for (const entry of entries)
      if (entry !== 'node_modules') await cp(join(from, entry), join(to, entry), { recursive: true })
  }
}
