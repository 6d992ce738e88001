import { mkdtemp, rm } from 'node:fs/promises'
import { enableCompileCache, getCompileCacheDir } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from '@jest/globals'
import { threadEnvironment } from '../../src/model/thread-environment.ts'

test('a thread finds what is compiled where this process does, and has nothing else of its environment', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-compiled-'))
  enableCompileCache(directory)
  const code = `
    const { parentPort } = require('node:worker_threads')
    parentPort.postMessage([require('node:module').getCompileCacheDir(), Object.keys(process.env)])`
  const thread = new Worker(code, { eval: true, env: threadEnvironment() })
  const [compiled, names] = await new Promise<[string, string[]]>((resolve, reject) =>
    thread.once('message', resolve).once('error', reject),
  )
  // Below it, V8 keeps apart what was compiled with other flags, which other tests of this process may have set since.
  expect(dirname(compiled)).toBe(dirname(getCompileCacheDir() ?? ''))
  expect(names).toEqual(['NODE_COMPILE_CACHE'])
  await thread.terminate()
  await rm(directory, { recursive: true, force: true })
})
