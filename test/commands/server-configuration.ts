/** A configuration without the section `embedded`, as a server has it; none of its files is there. */
export const SERVER_CONFIGURATION = `
identity:
  issuer: https://issuer.example
  audience: https://gateway.example
  algorithms: [ES256]
  keys: { url: https://issuer.example/jwks }
sites: sites.yaml
systems:
  PARTS_LOGISTICS: { connector: { kind: extracts, directory: parts } }
  WHOLESALE_FINANCE: { connector: { kind: extracts, directory: finance } }
  PRODUCTION_SCHEDULE: { connector: { kind: extracts, directory: schedule } }
recovery:
  incident: INC-2025-0901
  audience: urn:gateway
  keys: { file: keys.json, sha256: ${'a'.repeat(64)} }
  signingKey: gateway.json
  journal: { kind: postgres, connectionString: 'postgres://gateway:x@journal.example/journal' }
  checkpoints: { file: checkpoints }
`
