import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { textsIn } from './access-server.ts'
import { converse } from './edge.ts'

const SERVER = fileURLToPath(new URL('access-process.ts', import.meta.url))
const REQUEST = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'
const CONNECTIONS = 20
const ANSWERS = 4_000

async function startServer(directory: string, worker: number) {
  const child = spawn(process.execPath, [SERVER, directory, String(worker)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data')
  return { child, port: Number(port) }
}

test('two processes are killed in the middle of their work: whatever was answered has its line, once and whole', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'access-log-kill-'))
  try {
    const servers = await Promise.all([startServer(directory, 1), startServer(directory, 2)])
    const answered: string[] = []
    for (const { child, port } of servers) {
      const ended = once(child, 'exit')
      let count = 0
      const conversations = Array.from({ length: CONNECTIONS }, () => {
        const conversation = converse(port, REQUEST)
        conversation.socket.on('data', (chunk: string) => {
          for (const _ of chunk.matchAll(/HTTP\/1\.1 200/g)) {
            count++
            if (conversation.socket.writable) conversation.socket.write(REQUEST)
          }
          if (count >= ANSWERS) child.kill('SIGKILL')
        })
        return conversation
      })
      const said = await Promise.all(conversations.map(({ closed }) => closed))
      await ended
      answered.push(...said.flatMap(text => [...text.matchAll(/x-request-id: (\S+)/g)].map(([, id = '']) => id)))
    }
    const texts = textsIn(directory)
    const lines = texts.flatMap(text => text.split('\n').slice(0, -1))
    const written = lines.map(line => String(JSON.parse(line).requestId))
    const known = new Set(written)
    expect(answered.length).toBeGreaterThanOrEqual(2 * ANSWERS)
    expect(answered.filter(id => !known.has(id))).toEqual([])
    expect(known.size).toBe(written.length)
    // There were many files of each by then.
    expect(texts.length).toBeGreaterThan(20)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
