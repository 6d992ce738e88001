import type { ClientTlsSettings } from '../config/client-tls.ts'
import { connectorPath } from '../config/connector-schema.ts'
import type { Config } from '../config/load-config.ts'
import { formatPath } from '../model/operator-file.ts'
import { SYSTEM_KEYS } from '../model/system.ts'

/** The files that a configuration names and that the gateway trusts, or whose contents nobody else may know. */
export interface NamedFile {
  /** Where the configuration names it. */
  readonly setting: string
  readonly file: string
  /** Holds a private key, or a secret that is shared. */
  readonly isSecret: boolean
}

export function namedFiles(config: Config): readonly NamedFile[] {
  const { listen, identity, recovery, sharedStore, systems, trustedDocuments, sites, webhooks } = config
  const { keys } = identity
  const { journal } = recovery
  return [
    secret('recovery.signingKey', recovery.signingKey),
    trusted('recovery.keys.file', recovery.keys.file),
    trusted('sites', sites),
    ...(keys.kind === 'file' ? [trusted('identity.keys.file', keys.file)] : tlsFiles('identity.keys.tls', keys.tls)),
    ...tlsFiles('listen.tls', listen.tls && { ...listen.tls, ca: listen.tls.clientCa }),
    ...(journal.kind === 'postgres' ? tlsFiles('recovery.journal.tls', journal.tls) : []),
    ...tlsFiles('sharedStore.tls', sharedStore?.tls),
    ...SYSTEM_KEYS.flatMap(key =>
      systems[key].connectors.flatMap((connector, index, all) =>
        'tls' in connector
          ? tlsFiles(formatPath(['systems', key, ...connectorPath(all, index), 'tls']), connector.tls)
          : [],
      ),
    ),
    ...trustedDocuments.manifests.map(({ file }, index) => trusted(`trustedDocuments.manifests[${index}].file`, file)),
    ...webhooks.endpoints.flatMap(({ secretFiles }, index) =>
      secretFiles.map(file => secret(`webhooks.endpoints[${index}].secretFiles`, file)),
    ),
  ]
}

function tlsFiles(setting: string, tls: ClientTlsSettings | undefined): readonly NamedFile[] {
  const { ca, cert, key } = tls ?? {}
  return [
    ...(key === undefined ? [] : [secret(`${setting}.key`, key)]),
    ...(cert === undefined ? [] : [trusted(`${setting}.cert`, cert)]),
    ...(ca === undefined ? [] : [trusted(`${setting}.ca`, ca)]),
  ]
}

const secret = (setting: string, file: string): NamedFile => ({ setting, file, isSecret: true })
const trusted = (setting: string, file: string): NamedFile => ({ setting, file, isSecret: false })
