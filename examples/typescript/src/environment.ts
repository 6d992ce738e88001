/** Where the gateway is, and who asks: `TOKEN`, and `GATEWAY_URL` where it is not the sandbox. */
const { TOKEN, GATEWAY_URL = 'http://127.0.0.1:4000/graphql' } = process.env

export const gatewayUrl = GATEWAY_URL

/** In production: the client credentials grant of the issuer, asked again before the token ends. */
export function token(): string {
  if (TOKEN === undefined) throw new Error('TOKEN is not set: it takes an access token')
  return TOKEN
}
