import { execFileSync, execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, cp, mkdir, rm, stat } from 'node:fs/promises'
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

/** Fills a directory. What it copies of packages may be links to this checkout's: it is to be read only. */
export async function layOutImage(root: string): Promise<void> {
  const stages = await readStages()
  const image = stages.at(-1) as Stage
  const workdir = only(image, 'WORKDIR')
  const lets = await readDockerIgnore()
  for (const copy of copiesOf(image)) {
    const target = join(root, copy.target.startsWith('/') ? '' : workdir, copy.target)
    if (copy.from === null) await copyFromProject(copy, target, lets)
    else await copyFromStage(stages.find(({ name }) => name === copy.from) as Stage, copy, target)
    const [uid = 0, gid = 0] = (copy.owner ?? '0:0').split(':').map(Number)
    await chown(target, uid, gid)
  }
}

async function copyFromProject({ sources }: Copy, target: string, lets: (path: string) => boolean): Promise<void> {
  for (const source of sources) {
    const from = join(project, source)
    const isDirectory = (await stat(from)).isDirectory()
    if (!isDirectory && !lets(source)) throw new Error(`${source}: .dockerignore keeps it from the builder`)
    const to = target.endsWith('/') ? join(target, basename(source)) : target
    await mkdir(dirname(to), { recursive: true })
    await cp(from, to, { recursive: true, filter: path => path === from || lets(relative(project, path)) })
  }
}

async function copyFromStage(stage: Stage, { sources: [source = ''] }: Copy, target: string): Promise<void> {
  const directory = only(stage, 'WORKDIR')
  if (!source.startsWith(`${directory}/`)) return void (await mkdir(target, { recursive: true }))
  const place = source.slice(directory.length + 1)
  if (place === 'node_modules') await copyPackages(omittedBy(stage), target)
  else await cp(await built(stage, place), target, { recursive: true })
}

/** What the stage builds, built in this checkout by the stage's own command where it has not been yet. */
async function built({ instructions }: Stage, place: string): Promise<string> {
  const path = join(project, place)
  if (existsSync(path)) return path
  for (const { keyword, argument } of instructions)
    if (keyword === 'RUN' && !argument.startsWith('npm ci')) execSync(argument, { cwd: project, stdio: 'pipe' })
  return path
}

/** What `npm ci` leaves out in this stage. */
export function omittedBy({ instructions }: Stage): readonly string[] {
  const command = instructions.find(({ argument }) => argument.startsWith('npm ci'))?.argument ?? ''
  return [...command.matchAll(/--omit=(\w+)/g)].map(([, kind]) => kind ?? '')
}

/** The packages of this checkout that are left after `npm ci` with these kinds omitted. */
async function copyPackages(omit: readonly string[], target: string): Promise<void> {
  const all = await lockedPackages()
  const wanted = new Set(installed(all, omit).map(({ place }) => place))
  const top = [...wanted].filter(place => !place.includes('/node_modules/') && existsSync(join(project, place)))
  const copy = (...options: readonly string[]) =>
    execFileSync('cp', ['-r', ...options, '--parents', '--', ...top, dirname(target)], { cwd: project, stdio: 'pipe' })
  await mkdir(target, { recursive: true })
  try {
    copy('--link')
  } catch {
    // On another file system.
    copy('--force')
  }
  for (const { place } of all)
    if (place.includes('/node_modules/') && !wanted.has(place))
      await rm(join(dirname(target), place), { recursive: true, force: true })
}
