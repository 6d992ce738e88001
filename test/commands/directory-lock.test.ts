import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { lockDirectory } from '../../src/commands/directory-lock.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-gateway-lock-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const lockFile = () => join(directory, 'lock')

/** The id of a process that has ended. */
async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise(resolve => child.once('close', resolve))
  return child.pid ?? 0
}

test('a lock names its process and leaves nothing behind when it is released', async () => {
  const lock = await lockDirectory(directory)
  expect(await readFile(lockFile(), 'utf8')).toBe(`${process.pid}\n`)
  expect(await readdir(directory)).toEqual(['lock'])
  await lock.release()
  expect(await readdir(directory)).toEqual([])
})

test('a directory whose gateway runs is refused, with its process and the remedy', async () => {
  await writeFile(lockFile(), `${process.ppid}\n`)
  await expect(lockDirectory(directory)).rejects.toThrow(
    `${directory}: is in use by the gateway with process id ${process.ppid}; stop that one first`,
  )
  expect(await readFile(lockFile(), 'utf8')).toBe(`${process.ppid}\n`)
})

test('of processes that start together, one has the directory', async () => {
  // Both ids are of running processes.
  const attempts = await Promise.allSettled([
    lockDirectory(directory, process.pid),
    lockDirectory(directory, process.ppid),
  ])
  expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('the lock of a process that is gone is taken over', async () => {
  await writeFile(lockFile(), `${await pidOfTheDead()}\n`)
  const lock = await lockDirectory(directory)
  expect(await readFile(lockFile(), 'utf8')).toBe(`${process.pid}\n`)
  await lock.release()
})

test('a lock with the own process id is from before a restart, as in a container, and is taken over', async () => {
  await writeFile(lockFile(), `${process.pid}\n`)
  await expect(lockDirectory(directory)).resolves.toBeDefined()
})

test.each(['', 'not a number', '-1', '0', '1.5'])('a lock that holds %j, of no process, is taken over', async text => {
  await writeFile(lockFile(), text)
  await expect(lockDirectory(directory)).resolves.toBeDefined()
})

test('a directory that cannot be written says so', async () => {
  await expect(lockDirectory(join(directory, 'missing'))).rejects.toThrow('ENOENT')
})
