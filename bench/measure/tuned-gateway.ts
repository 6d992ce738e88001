import { freePort } from '../../test/support/free-port.ts'
import { type Bench, SERVER_CPU } from './bench.ts'
import { type GatewayProcess, startGateway } from './gateway-process.ts'

/** The gateway at the bench's site with settings of a measurement's own. */
export interface TunedGateway extends GatewayProcess {
  /** Where questions are POSTed. */
  readonly url: string
  readonly configFile: string
}

export interface Tuning {
  /** Laid over the top level of the site's configuration. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly workers?: number
  /** Null: any core. Default: the server's. */
  readonly cpu?: number | null
}

/** Stops it whatever comes of the measurement. */
export async function withGateway<R>(
  { site }: Pick<Bench, 'site'>,
  { settings = {}, workers, cpu = SERVER_CPU }: Tuning,
  measure: (gateway: TunedGateway) => Promise<R>,
): Promise<R> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const host = '127.0.0.1'
  const configFile = await site.configFile({
    cached: true,
    settings: { ...settings, listen: { host, port, adminHost: host, adminPort } },
  })
  const readyUrl = `http://${host}:${adminPort}/health/ready`
  const gateway = await startGateway({ configFile, readyUrl, cpu, ...(workers !== undefined && { workers }) })
  try {
    return await measure({ ...gateway, configFile, url: `http://${host}:${port}/graphql` })
  } finally {
    await gateway.stop()
  }
}
