import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeDemoFiles, writeDirectory } from '../../demo/demo-files.ts'
import { EXTRACT_FORMATS, type ExtractFormat, writeExtracts } from '../../demo/extract-files.ts'
import { createDataset, EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { MAX_SCALE } from '../../demo/generator/volumes.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { RELATIONS } from '../systems/relations/all.ts'
import { choice } from './arguments.ts'
import { createCommand } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { cannotBe } from './input.ts'

/** The command `generate`: writes a dataset as extracts, for trials and benchmarks, or the committed demo files anew. */

const USAGE = `usage: recovery-gateway generate --out DIR [OPTION…]
       recovery-gateway generate --demo

Writes consistent, invented data as extracts: DIR/<system>/ with a file per relation and a manifest of
SHA-256 digests, and DIR/directory/ with the sites and partners that go with it. Equal seeds and scales give
equal files.

  --out DIR        where to write; made where it does not exist
  --scale N        above 0, at most ${MAX_SCALE}: 0.01 is the embedded default, 1 a manufacturer's volumes (default ${EMBEDDED_DATASET.scale})
  --seed N         whole number (default ${EMBEDDED_DATASET.seed})
  --format F       ${EXTRACT_FORMATS.join(' or ')} (default csv; a list in a cell is separated by semicolons)
  --system KEY     ${SYSTEM_KEYS.join(', ')};
                   may be repeated (default: all three)
  --demo           write the generated files under demo/ anew
  --help           this text
`

type Request =
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'extracts'
      readonly out: string
      readonly scale: number
      readonly seed: number
      readonly format: ExtractFormat
      readonly systems: readonly SystemKey[]
    }

export const runGenerate = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: generate })

async function generate(request: Request, io: CommandIo): Promise<void> {
  if (request.kind === 'extracts') return writeSystems(request, io).catch(cannotBe('written', request.out))
  await writeDemoFiles(join(import.meta.dirname, '..', '..', 'demo'))
  io.stderr('demo/directory and demo/extracts are written\n')
}

async function writeSystems(
  { out, scale, seed, format, systems }: Request & { kind: 'extracts' },
  io: CommandIo,
): Promise<void> {
  const dataset = createDataset({ ...EMBEDDED_DATASET, scale, seed })
  await writeDirectory(dataset, join(out, 'directory'))
  for (const system of systems) {
    const { files } = await writeExtracts({
      dataset,
      directory: join(out, system.toLowerCase().replaceAll('_', '-')),
      plan: RELATIONS[system].map(relation => ({ relation, format })),
      onProgress: (relation, rows) => io.stderr(`\r${relation.name.padEnd(24)} ${String(rows).padStart(9)} rows`),
    })
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    io.stderr(`\r${system.padEnd(24)} ${String(rows).padStart(9)} rows in ${files.length} files\n`)
  }
}

/** Throws an `Error` that names the argument and what is allowed. */
function parseRequest(args: readonly string[]): Request | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      scale: { type: 'string' },
      seed: { type: 'string' },
      format: { type: 'string' },
      system: { type: 'string', multiple: true },
      demo: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const others = Object.keys(values).filter(name => name !== 'demo')
  if (values.demo) {
    if (others.length > 0) throw new Error(`--demo takes no other option: remove --${others.join(', --')}`)
    return { kind: 'demo' }
  }
  if (values.out === undefined) throw new Error('--out DIR is missing: say where to write, or use --demo')
  const scale = numberOf(values.scale ?? EMBEDDED_DATASET.scale)
  if (!(scale > 0 && scale <= MAX_SCALE))
    throw new Error(`--scale ${values.scale}: must be a number above 0 and at most ${MAX_SCALE}`)
  const seed = numberOf(values.seed ?? EMBEDDED_DATASET.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: must be a whole number`)
  const format = choice('--format', values.format ?? 'csv', EXTRACT_FORMATS)
  const systems = (values.system ?? SYSTEM_KEYS).map(key => choice('--system', key, SYSTEM_KEYS))
  return { kind: 'extracts', out: values.out, scale, seed, format, systems: [...new Set(systems)] }
}

/** Empty text is no number, though JavaScript takes it for 0. */
const numberOf = (value: string | number): number => (value === '' ? Number.NaN : Number(value))
