import { startAccessServer } from './access-server.ts'

/** A server in a process of its own, to be killed: its port on standard output. */

const [directory = '', worker = '0', maxFileBytes = '65536'] = process.argv.slice(2)
const { port } = await startAccessServer(directory, {
  worker: Number(worker),
  settings: { maxFileBytes: Number(maxFileBytes), maxFiles: 10_000 },
})
process.stdout.write(`${port}\n`)
