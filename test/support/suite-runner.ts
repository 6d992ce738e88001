import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * Runs a suite with the modules of its process, as Node loads them, where Jest would make a copy of all for each suite: so
 * they are loaded once, and what is compiled stays compiled. No module of the product keeps state; what else a suite changes
 * of its process is set back. Jest calls this (`testRunner`), and it calls Jest's own runner, with hooks, limits and timers.
 */
export default function runSuite(...given: Given): Promise<unknown> {
  const [{ watch, watchAll }, settings, environment, runtime] = given
  if (watch || watchAll)
    throw new Error('modules are loaded once, so a watcher sees no change: run the suite again instead')
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
  // No frame of this function is to stand in the stack traces of what fails.
  return runTests(...given).finally(() => {
    environment.moduleMocker.restoreAllMocks()
    process.chdir(directory)
    for (const name of Object.keys(process.env)) if (!(name in set)) delete process.env[name]
    Object.assign(process.env, set)
  })
}

/** What Jest gives a test runner, as far as it is used here. */
type Given = [
  globalConfig: { readonly watch: boolean; readonly watchAll: boolean },
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
const SHARED = '?shared'

/** Those of the suite that runs. */
let globals: Globals = {}
Reflect.set(globalThis, Symbol.for(GLOBALS), () => globals)

/**
 * What the modules that suites share import, whichever suite runs. It says that it is a file of Jest's, which leaves those
 * out where it shows the line that has failed.
 */
const SOURCE = `
const current = globalThis[Symbol.for('${GLOBALS}')]
const forward = name => new Proxy(() => {}, {
  apply: (_target, self, given) => Reflect.apply(current()[name], self, given),
  get: (_target, property) => Reflect.get(current()[name], property),
})
export const [${NAMES}] = ${JSON.stringify(NAMES)}.map(forward)
`
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    return specifier === GLOBALS ? { ...found, url: found.url + SHARED, format: 'module' } : found
  },
  load(url, context, next) {
    return url.endsWith(SHARED) ? { source: SOURCE, format: 'module', shortCircuit: true } : next(url, context)
  },
})
