import { rm } from 'node:fs/promises'
import { verdict } from './watched-logs.ts'

export default async function tearDown(): Promise<void> {
  const { TEST_EXTRACTS: directory, TEST_LOGS: logs } = process.env
  const problem = logs === undefined ? null : verdict(logs)
  if (directory) await rm(directory, { recursive: true, force: true })
  if (problem !== null) throw new Error(problem)
}
