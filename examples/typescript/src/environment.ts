import { createTokenSource, type TokenSource } from './token.ts'

/**
 * Where the gateway is, and who asks. `GATEWAY_URL` where it is not the sandbox; `TOKEN`, or in production `TOKEN_URL`,
 * `CLIENT_ID`, `CLIENT_SECRET`, and `TOKEN_PARAMETERS` such as `scope=parts:read&resource=…`.
 */
const { GATEWAY_URL = 'http://127.0.0.1:4000/graphql', TOKEN, ...client } = process.env

export const gatewayUrl = GATEWAY_URL

export const token: TokenSource = TOKEN === undefined ? ofClient() : () => TOKEN

function ofClient(): TokenSource {
  const { TOKEN_URL: url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, TOKEN_PARAMETERS = '' } = client
  if (url === undefined || clientId === undefined || clientSecret === undefined)
    throw new Error('It takes TOKEN, or TOKEN_URL, CLIENT_ID and CLIENT_SECRET.')
  const parameters = Object.fromEntries(new URLSearchParams(TOKEN_PARAMETERS))
  return createTokenSource({ url, clientId, clientSecret, parameters })
}
