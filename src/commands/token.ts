import { parseArgs } from 'node:util'
import { SAMPLE_PARTNERS_FILE } from '../../demo/sample-partners.ts'
import { EMBEDDED_CONFIG_FILE } from '../config/embedded.ts'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load-config.ts'
import { ConfigError } from '../model/operator-file.ts'
import { createCommand } from './command.ts'
import { SAMPLES, type SampleToken, signSampleToken } from './sample-token.ts'

/**
 * `token retailer|supplier|internal`: a bearer token of a sample partner, on standard output and nothing else there.
 * Only the embedded default has an issuer to sign it. It works before the first start too.
 */

const MAX_LIFETIME_SECONDS = 30 * 86_400
const USAGE = `usage: recovery-gateway token ${SAMPLES.join('|')} [--config FILE] [--lifetime SECONDS]

  --config FILE       a configuration with a section embedded; without it the embedded default
  --lifetime SECONDS  how long the token is valid (3600)
  --help              this text
`

interface Request extends SampleToken {
  readonly config: string
}

export const runToken = createCommand<Request>({
  usage: USAGE,
  parse: parseRequest,
  work: async (request, io) => io.stdout(`${await sampleToken(request, io.env)}\n`),
})

function parseRequest(args: readonly string[]): Request | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      lifetime: { type: 'string', default: '3600' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const sample = SAMPLES.find(name => name === positionals[0])
  if (sample === undefined || positionals.length > 1) throw new Error(`say which partner: ${SAMPLES.join(', ')}`)
  const lifetimeSeconds = /^\d{1,9}$/.test(values.lifetime) ? Number(values.lifetime) : 0
  if (lifetimeSeconds < 1 || lifetimeSeconds > MAX_LIFETIME_SECONDS)
    throw new Error(`--lifetime must be a whole number of seconds from 1 to ${MAX_LIFETIME_SECONDS}`)
  return { sample, config: values.config ?? EMBEDDED_CONFIG_FILE, lifetimeSeconds }
}

async function sampleToken({ config: file, ...asked }: Request, env: Environment): Promise<string> {
  const config = await loadConfig(file, env)
  const { identity, embedded } = config
  if (embedded === undefined)
    throw new ConfigError([
      `${file}: has no section embedded, so the gateway has no issuer of its own; ask ${identity.issuer} for a token`,
    ])
  const token = await signSampleToken(config, embedded.directory, asked)
  if (token === null)
    throw new ConfigError([`${SAMPLE_PARTNERS_FILE}: no partner has the client sample-${asked.sample}`])
  return token
}
