import { type ChildProcess, spawn } from 'node:child_process'
import { appendFile, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A copy of the project as a newcomer has it after `npm ci`, with no data yet, and the processes started in it. What is
 * still running when the suite ends is ended with it.
 */
export interface Checkout {
  readonly directory: string
  /** That of every process started in it. */
  readonly environment: Environment
  /** Starts a process and does not wait for it. */
  start(command: string, args: readonly string[], env?: Environment): Running
  /** Runs a process to its end. */
  run(command: string, args: readonly string[], env?: Environment): Promise<Finished>
  /** A browser and other tests keep the machine busy; what becomes of a crowd is tested where that is the subject. */
  refuseNobody(): Promise<void>
  /** Process id of the gateway that holds the data directory. */
  holder(): Promise<number>
  remove(): Promise<void>
}

export type Environment = Readonly<Record<string, string>>

export interface Finished {
  /** Null: ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly ended: Promise<Finished>
  /** What has been written to standard output, once it matches; rejects where the process ends without. */
  shows(pattern: RegExp): Promise<string>
  /** Signals this process alone, or with all that it started, as a terminal does. */
  signal(signal: NodeJS.Signals, to: 'process' | 'group'): void
}

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Wherever they are: what installs and runs have made, in the bench too. */
const LEFT_OUT = new Set(['.data', '.git', 'coverage', 'node_modules'])

export async function createCheckout(): Promise<Checkout> {
  // With a blank, which a path may have anywhere.
  const directory = await mkdtemp(join(tmpdir(), 'recovery gateway checkout-'))
  await cp(root, directory, { recursive: true, filter: source => !LEFT_OUT.has(basename(source)) })
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction')
  const running = new Set<ChildProcess>()
  const environment = outerEnvironment()

  function start(command: string, args: readonly string[], env: Environment = {}): Running {
    const child = spawn(command, [...args], {
      cwd: directory,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a test can do what Ctrl+C does.
      detached: true,
    })
    running.add(child)
    return follow(child, () => running.delete(child))
  }

  return {
    directory,
    environment,
    start,
    run: (command, args, env) => start(command, args, env).ended,
    refuseNobody: () => appendFile(join(directory, 'config/embedded.yaml'), '\nadmission: { loopDelayMs: 0 }\n'),
    holder: async () => Number(await readFile(join(directory, '.data', 'lock'), 'utf8')),
    async remove() {
      for (const child of running) signalGroup(child, 'SIGKILL')
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function follow(child: ChildProcess, onEnd: () => void): Running {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
    })
  const ended = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      onEnd()
      resolve({ code, ...written })
    })
  })
  return {
    ended,
    shows: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(written.stdout)) resolve(written.stdout)
        }
        look()
        child.stdout?.on('data', look)
        ended.then(({ code, stderr }) => reject(new Error(`ended with ${code} before ${pattern}: ${stderr}`)), reject)
      }),
    signal: (signal, to) => (to === 'group' ? signalGroup(child, signal) : child.kill(signal)),
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch (thrown) {
    // The group has ended already.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/** The environment without what npm and Jest put there for this test run. */
function outerEnvironment(): Environment {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|JEST_|INIT_CWD$|PORT$|ADMIN_PORT$|TEST_)/i.test(name),
  )
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
