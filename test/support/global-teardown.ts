import { rm } from 'node:fs/promises'

export default async function tearDown(): Promise<void> {
  const directory = process.env.TEST_EXTRACTS
  if (directory) await rm(directory, { recursive: true, force: true })
}
