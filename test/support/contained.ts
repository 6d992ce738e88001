import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * A process as a container has it, without a container engine: namespaces of its own for mounts and processes, a directory for
 * its root, which is read-only, and a user without a capability and without a way to gain one. The network is this machine's,
 * where the servers of a test are. Wants Linux and root, as container engines do (unshare(1), setpriv(1)).
 */
export interface Container {
  /** The directory. Libraries, `/proc` and a few devices are mounted into it. */
  readonly root: string
  readonly uid: number
  readonly gid: number
  /** Inside, as are all places below. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** Places that are mounted read-only, each with what of this machine stands there. */
  readonly mounts: Readonly<Record<string, string>>
  /** Places that can be written to, each with the directory of this machine that is mounted there. */
  readonly volumes: Readonly<Record<string, string>>
  /** Where the Node.js of this test takes the place of the image's. */
  readonly node: string
}

export interface Contained {
  log(): string
  /** The line of the log with this message, as soon as it is there; rejects where the process ends without. */
  says(message: string): Promise<Readonly<Record<string, unknown>>>
  /** What the kernel says of its first process, such as `CapEff`. */
  status(field: string): Promise<string>
  /** Resolves with the exit code of the first process. */
  readonly ended: Promise<number | null>
  /** Signals the first process, as a container engine does. */
  signal(signal: NodeJS.Signals): Promise<void>
}

const UNSHARE = '/usr/bin/unshare'
const SETPRIV = '/usr/bin/setpriv'
const DEVICES = ['null', 'zero', 'random', 'urandom'].map(name => `/dev/${name}`)
const LIBRARIES = ['/usr/lib', '/usr/lib64'].filter(path => existsSync(path))
/** Inside, beside what the image has: gives up root. */
const GIVE_UP_ROOT = '/.setpriv'

/** Arguments: the root, the working directory; pairs of what is mounted read-only and of volumes, each list ended by `--`; the command. */
const ENTER = `
set -eu
root=$1 directory=$2; shift 2
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2; done; shift
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done; shift
mount -o remount,bind,ro "$root"
exec ${UNSHARE} --root="$root" --wd="$directory" "$@"
`

export function allowsContainers(): boolean {
  try {
    const mounts = ['/bin/sh', '-c', 'mount -t proc proc /proc']
    execFileSync(UNSHARE, ['--mount', '--pid', '--fork', ...mounts], { stdio: 'ignore' })
    return existsSync(SETPRIV)
  } catch {
    return false
  }
}

/** Makes the places that something is mounted to. Once for each root. */
export async function prepareRoot(
  root: string,
  { node, places }: { node: string; places: readonly string[] },
): Promise<void> {
  await chmod(root, 0o755)
  for (const place of [...LIBRARIES, '/proc', '/tmp', ...places]) await mkdir(join(root, place), { recursive: true })
  for (const place of [...DEVICES, GIVE_UP_ROOT, node]) {
    await mkdir(dirname(join(root, place)), { recursive: true })
    await writeFile(join(root, place), '')
  }
  for (const path of LIBRARIES) await symlink(path.slice(1), join(root, basename(path)))
}

/** Starts the command, the first process of its namespace. */
export function startContained(container: Container, command: readonly string[]): Contained {
  const { root, uid, gid, directory, environment, mounts, volumes, node } = container
  const pairs = (places: Readonly<Record<string, string>>) =>
    Object.entries(places).flatMap(([place, from]) => [from, place])
  const readOnly = [
    ...pairs(mounts),
    ...[...LIBRARIES, ...DEVICES].flatMap(path => [path, path]),
    ...[SETPRIV, GIVE_UP_ROOT, process.execPath, node],
  ]
  const giveUp = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs']
  const child = spawn(
    UNSHARE,
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', ENTER, 'enter', root, directory],
      ...[...readOnly, '--', ...pairs(volumes), '--'],
      ...[GIVE_UP_ROOT, ...giveUp, '--bounding-set=-all', '--inh-caps=-all', '--', ...command],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment } },
  )
  return follow(child)
}

function follow(child: ChildProcess): Contained {
  let logged = ''
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const line = (message: string) => logged.split('\n').find(candidate => candidate.includes(`"message":"${message}"`))
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      logged += chunk
    })
  /** Of the first process, as this machine numbers it: the one child of `unshare`. */
  const first = async () => (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim()
  return {
    log: () => logged,
    says: message =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = line(message)
          if (found !== undefined) resolve(JSON.parse(found))
        }
        look()
        child.stderr?.on('data', look)
        ended.then(code => reject(new Error(`ended with ${code} before it said ${message}: ${logged}`)), reject)
      }),
    async status(field) {
      const text = await readFile(`/proc/${await first()}/status`, 'utf8')
      return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? ''
    },
    ended,
    async signal(signal) {
      process.kill(Number(await first()), signal)
    },
  }
}
