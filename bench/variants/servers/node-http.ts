import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

/** The limit of Node: a request read to its end and answered with the same finished bytes whoever asks for whatever. */

const [port, file = ''] = process.argv.slice(2)
const bytes = await readFile(file)
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }
createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(bytes))
}).listen(Number(port), '127.0.0.1')
