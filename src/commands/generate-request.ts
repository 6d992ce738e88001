import { parseArgs } from 'node:util'
import { EXTRACT_FORMATS, type ExtractFormat } from '../../demo/extract-files.ts'
import { EMBEDDED_DATASET } from '../../demo/generator/dataset.ts'
import { MAX_SCALE } from '../../demo/generator/volumes.ts'
import { SYSTEM_KEYS, type SystemKey } from '../model/system.ts'
import { choice } from './arguments.ts'

/** What the command `generate` is asked for, and the help that says what may be asked. Nothing is written here. */

export const GENERATE_USAGE = `usage: recovery-gateway generate [--out DIR] [--postgres URL] [OPTION…]
       recovery-gateway generate --demo

Makes consistent, invented data. Equal seeds and scales give equal rows, byte for byte, wherever they stand:

  --out DIR        extracts: DIR/<system>/ with a file per relation and a manifest of SHA-256 digests, and
                   DIR/directory/ with their sites and partners; DIR is made where it does not exist
  --format F       of extracts: ${EXTRACT_FORMATS.join(' or ')} (default csv; a list in a cell is separated by semicolons)
  --postgres URL   a PostgreSQL server: a schema for each system, such as parts_logistics, with tables, keys
                   and indexes; all is there in the end or, where the run breaks off, nothing. What the URL
                   leaves out comes from PGHOST, PGUSER, PGPASSWORD and their kin: best the password
  --replace        put the schemas in the place of those that an earlier run made; else they are refused
  --reader ROLE    a role that may read the schemas and do nothing else; made where there is none, without
                   a password

  --scale N        above 0, at most ${MAX_SCALE}: 0.01 is the embedded default, 1 a manufacturer's volumes (default ${EMBEDDED_DATASET.scale})
  --seed N         whole number (default ${EMBEDDED_DATASET.seed})
  --system KEY     ${SYSTEM_KEYS.join(', ')};
                   may be repeated (default: all three)
  --demo           write the generated files under demo/ anew
  --help           this text
`

export type GenerateRequest =
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'data'
      readonly scale: number
      readonly seed: number
      readonly systems: readonly SystemKey[]
      readonly extracts: ExtractsRequest | null
      readonly server: ServerRequest | null
    }

export interface ExtractsRequest {
  readonly directory: string
  readonly format: ExtractFormat
}

export interface ServerRequest {
  readonly connectionString: string
  /** For messages: where the URL leads, without its user and password. */
  readonly place: string
  readonly replace: boolean
  readonly reader: string | null
}

const OPTIONS = {
  out: { type: 'string' },
  format: { type: 'string' },
  postgres: { type: 'string' },
  replace: { type: 'boolean' },
  reader: { type: 'string' },
  scale: { type: 'string' },
  seed: { type: 'string' },
  system: { type: 'string', multiple: true },
  demo: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** Throws an `Error` that names the argument and what is allowed. */
export function parseGenerateRequest(args: readonly string[]): GenerateRequest | 'help' {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return 'help'
  if (values.demo) {
    const others = Object.keys(values).filter(name => name !== 'demo')
    if (others.length > 0) throw new Error(`--demo takes no other option: remove --${others.join(', --')}`)
    return { kind: 'demo' }
  }
  if (values.out === undefined && values.postgres === undefined)
    throw new Error('--out DIR or --postgres URL is missing: say where to write, or use --demo')
  const scale = numberOf(values.scale ?? EMBEDDED_DATASET.scale)
  if (!(scale > 0 && scale <= MAX_SCALE))
    throw new Error(`--scale ${values.scale}: must be a number above 0 and at most ${MAX_SCALE}`)
  const seed = numberOf(values.seed ?? EMBEDDED_DATASET.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: must be a whole number`)
  const systems = (values.system ?? SYSTEM_KEYS).map(key => choice('--system', key, SYSTEM_KEYS))
  return {
    kind: 'data',
    scale,
    seed,
    systems: [...new Set(systems)],
    extracts: extractsRequest(values),
    server: serverRequest(values),
  }
}

function extractsRequest({ out, format }: Values): ExtractsRequest | null {
  if (out !== undefined) return { directory: out, format: choice('--format', format ?? 'csv', EXTRACT_FORMATS) }
  if (format !== undefined) throw new Error('--format is of extracts: give --out DIR, too')
  return null
}

function serverRequest({ postgres, replace, reader }: Values): ServerRequest | null {
  if (postgres === undefined) {
    if (replace || reader !== undefined)
      throw new Error(`--${replace ? 'replace' : 'reader'} is of a server: give --postgres URL, too`)
    return null
  }
  // The value may hold a password and is never repeated.
  const url = /^postgres(?:ql)?:\/\//.test(postgres) ? URL.parse(postgres) : null
  if (url === null) throw new Error('--postgres: must be a URL such as postgres://user@host:5432/database')
  if (reader === '') throw new Error('--reader: must be the name of a role')
  const place = `postgres://${url.host}${url.pathname}`
  return { connectionString: postgres, place, replace: replace ?? false, reader: reader ?? null }
}

/** Empty text is no number, though JavaScript takes it for 0. */
const numberOf = (value: string | number): number => (value === '' ? Number.NaN : Number(value))
