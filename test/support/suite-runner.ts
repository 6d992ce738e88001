import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * Runs a suite with the modules of its process, as Node loads them, where Jest would make a copy of all for each suite: so
 * they are loaded once, and what is compiled stays compiled. No module of the product keeps state; what else a suite changes
 * of its process is set back. Jest calls this (`testRunner`), and it calls Jest's own runner, with hooks, limits and timers.
 */
export default async function runSuite(...given: Given): Promise<unknown> {
  const [, settings, environment, runtime] = given
  const set = { ...process.env }
  const directory = process.cwd()
  // The clock that a suite stops is that of its modules.
  const { constructor: FakeTimers } = environment.fakeTimersModern
  environment.fakeTimersModern = new FakeTimers({ config: settings, global: globalThis })
  runtime.requireInternalModule = loadAnew
  runtime.unstable_shouldLoadAsEsm = () => true
  runtime.unstable_importModule = path => {
    globals = runtime.requireModuleOrMock(path, GLOBALS)
    return import(pathToFileURL(path).href)
  }
  try {
    return await runTests(...given)
  } finally {
    environment.moduleMocker.restoreAllMocks()
    process.chdir(directory)
    for (const name of Object.keys(process.env)) if (!(name in set)) delete process.env[name]
    Object.assign(process.env, set)
  }
}

/** What Jest gives a test runner, as far as it is used here. */
type Given = [
  globalConfig: unknown,
  projectConfig: unknown,
  environment: { fakeTimersModern: { constructor: FakeTimers }; readonly moduleMocker: { restoreAllMocks(): void } },
  runtime: Runtime,
  testPath: string,
  sendMessageToJest?: unknown,
]
type FakeTimers = new (options: { config: unknown; global: typeof globalThis }) => { constructor: FakeTimers }
interface Runtime {
  requireInternalModule(path: string): unknown
  requireModuleOrMock(from: string, name: string): Globals
  unstable_importModule(path: string): Promise<unknown>
  unstable_shouldLoadAsEsm(path: string): boolean
}
type Globals = Readonly<Record<string, object>>

const require = createRequire(import.meta.url)
const { default: runTests }: { default: (...given: Given) => Promise<unknown> } = require('jest-circus/runner')

/** What Jest's runner knows of its tests: each suite begins with nothing of the one before. */
function loadAnew(path: string): unknown {
  delete require.cache[path]
  Reflect.deleteProperty(globalThis, Symbol.for('EVENT_HANDLERS'))
  return require(path)
}

const GLOBALS = '@jest/globals'
const NAMES = ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'jest', 'test']

/** Those of the suite that runs. Modules that suites share have been given theirs by the first, so they are forwarded. */
let globals: Globals = {}
const forwarded = NAMES.map(name => {
  const current = () => globals[name] as (...args: unknown[]) => unknown
  return new Proxy(() => {}, {
    apply: (_target, self, args) => Reflect.apply(current(), self, args),
    get: (_target, property) => Reflect.get(current(), property),
  })
})

const MODULE = 'jest:globals'
Reflect.set(globalThis, Symbol.for(MODULE), forwarded)
registerHooks({
  resolve(specifier, context, next) {
    return specifier === GLOBALS ? { url: MODULE, format: 'module', shortCircuit: true } : next(specifier, context)
  },
  load(url, context, next) {
    if (url !== MODULE) return next(url, context)
    const source = `export const [${NAMES}] = globalThis[Symbol.for('${MODULE}')]`
    return { source, format: 'module', shortCircuit: true }
  },
})
