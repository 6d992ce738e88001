import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BenchSite } from '../site/site.ts'
import type { BenchQuestion } from '../variants/check.ts'
import type { NextQuestion } from '../work/questions.ts'
import type { PreparedRequest } from './open-loop.ts'

/** Questions as they are sent, made before anything is timed. Called by the measurements. */

export async function prepare(site: Pick<BenchSite, 'token'>, question: BenchQuestion): Promise<PreparedRequest> {
  const { client, query, operationName, variables } = question
  return { token: await site.token(client), body: JSON.stringify({ query, operationName, variables }) }
}

export async function prepareMany(
  site: Pick<BenchSite, 'token'>,
  count: number,
  next: NextQuestion,
): Promise<readonly PreparedRequest[]> {
  const prepared: PreparedRequest[] = []
  for (let n = 0; n < count; n++) prepared.push(await prepare(site, next()))
  return prepared
}

/** A file for the closed loop; returns its path. */
export async function writeRequests(
  directory: string,
  name: string,
  requests: readonly PreparedRequest[],
): Promise<string> {
  const file = join(directory, `${name}.tsv`)
  const lines = requests.map(({ token, body }) => `${token}\t${body}\n`)
  await pipeline(lines, createWriteStream(file))
  return file
}

/** Asks once and returns the bytes of the answer. @throws Error where it is refused, or has errors */
export async function askOnce(url: string, { token, body }: PreparedRequest): Promise<Buffer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' },
    body: body.toString(),
    signal: AbortSignal.timeout(30_000),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const answer: unknown = response.ok ? JSON.parse(bytes.toString()) : null
  if (answer === null || typeof answer !== 'object' || 'errors' in answer)
    throw new Error(`answered ${response.status} ${bytes.toString().slice(0, 300)}`)
  return bytes
}
