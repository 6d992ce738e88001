import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchPartner } from '../site/site.ts'
import { pairQuestion, pairTemplate, partsApart } from '../work/questions.ts'
import type { Bench } from './bench.ts'
import { type ClosedLoop, runClosedLoop } from './closed-loop.ts'
import type { PreparedRequest } from './open-loop.ts'
import { prepare, writeRequests } from './prepared-requests.ts'
import type { TunedGateway } from './tuned-gateway.ts'

/**
 * Up to a million questions, no two alike, from one partner: pairs of a thousand parts, so that caches of answers fill
 * while hardly a record is read. Called by the measurements of memory and of growth.
 */
export interface DistinctQuestions {
  /** Sends those from `from` on, in order; returns when all are answered, or the seconds are over. */
  send(
    gateway: TunedGateway,
    range: { readonly from: number; readonly count: number; readonly seconds: number },
  ): Promise<ClosedLoop>
  /** The n-th, as it is sent. */
  request(n: number): Promise<PreparedRequest>
}

const SIDE = 1_000
/** Sent on a connection before an answer is waited for: the load generator and the server are asked less often by the kernel. */
const AT_ONCE = 8
const SCRIPT = fileURLToPath(new URL('distinct-pairs.lua', import.meta.url))

export async function createDistinctQuestions(bench: Bench, asker: BenchPartner): Promise<DistinctQuestions> {
  const { site, directory } = bench
  const parts = partsApart(site.partNumbers, SIDE)
  const partsFile = join(directory, 'pairs.txt')
  await writeFile(partsFile, parts.map(part => `${part}\n`).join(''))
  const requestsFile = await writeRequests(directory, 'pair', [await prepare(site, pairTemplate(asker))])
  return {
    send: ({ url, pids }, { from, count, seconds }) =>
      runClosedLoop({
        ...{ url, pids: pids(), requestsFile, seconds },
        script: { file: SCRIPT, args: [partsFile, ...[parts.length, from, count, AT_ONCE].map(String)] },
      }),
    request: n => prepare(site, pairQuestion(asker, parts, n)),
  }
}
