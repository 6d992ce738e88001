/** TLS towards a server that the gateway calls, its certificate always verified. As `node:tls` takes it. */
export interface ClientTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}
