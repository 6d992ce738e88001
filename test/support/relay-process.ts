import { createServer, connect as dial } from 'node:net'

/** A process that passes on what comes to an address and port to another: `relay-process.ts HOST PORT TO-HOST TO-PORT`. */
const [host = '', port = '', toHost = '', toPort = ''] = process.argv.slice(2)

const server = createServer(client => {
  const source = dial(Number(toPort), toHost)
  for (const [socket, other] of [
    [client, source],
    [source, client],
  ] as const) {
    socket.pipe(other)
    socket.on('error', () => other.destroy())
    socket.on('close', () => other.destroy())
  }
})
server.listen(Number(port), host, () => process.stdout.write('ready\n'))
