import { readFile } from 'node:fs/promises'
import fastify from 'fastify'

/** The limit of the framework: a POST whose JSON it parses, answered with the same finished bytes whoever asks for whatever. */

const [port, file = ''] = process.argv.slice(2)
const bytes = await readFile(file)
const app = fastify({ logger: false })
app.post('/graphql', (_, reply) => reply.type('application/json; charset=utf-8').send(bytes))
await app.listen({ host: '127.0.0.1', port: Number(port) })
