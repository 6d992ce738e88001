export interface ServerParts {
  /** Default: a file that is not there. */
  readonly sites?: string
  /** Of all three systems, as YAML; default: extracts, each in a directory that is not there. */
  readonly connector?: string
}

/** A configuration without the section `embedded`, as a server has it; none of its files is there, but for those given. */
export function serverConfiguration({ sites = 'sites.yaml', connector }: ServerParts = {}): string {
  const connectorIn = (directory: string) => connector ?? `{ kind: extracts, directory: ${directory} }`
  return `
identity:
  issuer: https://issuer.example
  audience: https://gateway.example
  algorithms: [ES256]
  keys: { url: https://issuer.example/jwks }
sites: ${sites}
systems:
  PARTS_LOGISTICS: { connector: ${connectorIn('parts')} }
  WHOLESALE_FINANCE: { connector: ${connectorIn('finance')} }
  PRODUCTION_SCHEDULE: { connector: ${connectorIn('schedule')} }
recovery:
  incident: INC-2025-0901
  audience: urn:gateway
  keys: { file: keys.json, sha256: ${'a'.repeat(64)} }
  signingKey: gateway.json
  journal: { kind: postgres, connectionString: 'postgres://gateway:x@journal.example/journal' }
  checkpoints: { file: checkpoints }
`
}
