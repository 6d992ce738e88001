import { EMBEDDED_CONFIG_FILE } from '../../config/embedded.ts'
import { loadConfig } from '../../config/load-config.ts'
import { openSystem } from '../../connectors/open.ts'
import type { EmbeddedPostgres } from '../../connectors/postgres/embedded.ts'
import { sampleReads } from '../../connectors/sample-reads.ts'
import { systemClock } from '../../model/clock.ts'
import { SYSTEM_KEYS, type SystemKey, systemSlug } from '../../model/system.ts'
import { createCounters } from '../../observe/counters.ts'
import { createLog } from '../../observe/log.ts'
import type { AnyRelation } from '../../systems/connector.ts'
import { RELATIONS } from '../../systems/relations/all.ts'
import { HELP, HELP_USAGE, JSON_OUTPUT, JSON_USAGE, readArguments, systemNamed } from '../arguments.ts'
import { createCommand, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { printable } from '../printable.ts'

/** `config explain RELATION`: what is sent to a source for each kind of read of a relation. It reads no row. */

const USAGE = `usage: recovery-gateway config explain RELATION [--config FILE] [--system NAME]

Shows, in the words of the source, what the gateway sends to look rows up and to page through them. The values
are samples, not those of any row. Nothing is read; an OData service may be asked for its metadata.

  --config FILE            the configuration; without it the embedded default
  --system NAME            the system that the relation must be of
${JSON_USAGE}${HELP_USAGE}`

interface Request {
  readonly relation: AnyRelation
  readonly file: string
  readonly json: boolean
}

export const runConfigExplain = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: explain })

function parseRequest(args: readonly string[]): Request | 'help' {
  const options = { config: { type: 'string' }, system: { type: 'string' }, ...JSON_OUTPUT, ...HELP } as const
  const read = readArguments(args, options, ['RELATION'])
  if (read === 'help') return read
  const { config, system, json } = read.values
  const wanted = system === undefined ? SYSTEM_KEYS : [systemNamed('--system', system)]
  return { relation: relationNamed(read.operands.RELATION, wanted), file: config ?? EMBEDDED_CONFIG_FILE, json }
}

function relationNamed(name: string, systems: readonly SystemKey[]): AnyRelation {
  const relations = systems.flatMap(system => RELATIONS[system])
  const found = relations.find(relation => relation.name === name.replaceAll('-', '_'))
  if (found === undefined)
    throw new UsageError(`RELATION ${name}: must be one of ${relations.map(relation => relation.name).join(', ')}`)
  return found
}

async function explain({ relation, file, json }: Request, io: CommandIo): Promise<void> {
  const config = await loadConfig(file, io.env)
  const { system } = relation
  const connector = await openSystem(system, config.systems[system], {
    log: createLog({ level: 'error', destination: { write: () => {} } }),
    clock: systemClock,
    counters: createCounters(),
    embedded: UNOPENED,
  })
  try {
    const reads = sampleReads(relation).map(({ title, read }) => ({
      title,
      texts: connector.explain(relation, read),
    }))
    if (json) io.stdout(`${JSON.stringify({ system, relation: relation.name, reads })}\n`)
    else {
      io.stdout(`${relation.name} of ${systemSlug(system)}; the values are samples\n`)
      for (const { title, texts } of reads) io.stdout(`\n${title}\n\n${texts.map(indented).join('\n')}`)
    }
  } finally {
    await connector.close()
  }
}

function indented(text: string): string {
  return `${printable(text)
    .trim()
    .replaceAll(/^(?=.)/gm, '  ')}\n`
}

/** Stands in for the embedded database, which is not opened to say what it would be sent. */
const UNOPENED: EmbeddedPostgres = {
  client: async () => ({
    isEmbedded: true,
    query: () => Promise.reject(new Error('nothing is read')),
    close: async () => {},
  }),
  database: () => Promise.reject(new Error('nothing is read')),
  close: async () => {},
}
