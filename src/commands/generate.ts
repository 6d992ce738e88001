import { join } from 'node:path'
import { writeDemoFiles, writeDirectory } from '../../demo/demo-files.ts'
import { writeExtracts } from '../../demo/extract-files.ts'
import { createDataset, type Dataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { fillServerDatabase } from '../../demo/server-database.ts'
import { systemClock } from '../model/clock.ts'
import { ensureError } from '../model/errors.ts'
import { type SystemKey, systemSlug } from '../model/system.ts'
import { RELATIONS } from '../systems/relations/all.ts'
import { CommandFailure, createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { createGenerateProgress } from './generate-progress.ts'
import {
  type ExtractsRequest,
  GENERATE_USAGE,
  type GenerateRequest,
  parseGenerateRequest,
  type ServerRequest,
} from './generate-request.ts'
import { cannotBe } from './input.ts'

/**
 * The command `generate`: writes a dataset as extracts and into a PostgreSQL server, for trials and benchmarks, or the
 * committed demo files anew.
 */
export const runGenerate = createCommand<GenerateRequest>({
  usage: GENERATE_USAGE,
  parse: parseGenerateRequest,
  work: generate,
})

async function generate(request: GenerateRequest, io: CommandIo): Promise<void> {
  if (request.kind === 'demo') {
    await writeDemoFiles(join(import.meta.dirname, '..', '..', 'demo'))
    io.stderr('demo/directory and demo/extracts are written\n')
    return
  }
  const { scale, seed, systems, extracts, server } = request
  const dataset = createDataset({ ...EMBEDDED_DATASET, scale, seed })
  if (server) await fill(dataset, systems, server, io)
  if (extracts) await write(dataset, systems, extracts, io).catch(cannotBe('written', extracts.directory))
}

async function write(
  dataset: Dataset,
  systems: readonly SystemKey[],
  { directory, format }: ExtractsRequest,
  io: CommandIo,
): Promise<void> {
  await writeDirectory(dataset, join(directory, 'directory'))
  for (const system of systems) {
    const { files } = await writeExtracts({
      dataset,
      directory: join(directory, systemSlug(system)),
      plan: RELATIONS[system].map(relation => ({ relation, format })),
      onProgress: (relation, rows) => io.stderr(`\r${relation.name.padEnd(24)} ${String(rows).padStart(9)} rows`),
    })
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    io.stderr(`\r${system.padEnd(24)} ${String(rows).padStart(9)} rows in ${files.length} files\n`)
  }
}

async function fill(
  dataset: Dataset,
  systems: readonly SystemKey[],
  server: ServerRequest,
  io: CommandIo,
): Promise<void> {
  const onProgress = createGenerateProgress(io.stderr, systemClock)
  try {
    await fillServerDatabase({ ...server, dataset, systems, onProgress })
  } catch (cause) {
    // The URL may hold a password: only where it leads is named.
    throw new CommandFailure(`${server.place}: cannot be filled: ${reasonOf(ensureError(cause))}`, { cause })
  }
}

/** Node words a lost connection by the call that met it. */
const LOST: readonly unknown[] = ['ECONNRESET', 'EPIPE']

function reasonOf(error: Error): string {
  return 'code' in error && LOST.includes(error.code) ? 'the server ended the connection' : error.message
}
