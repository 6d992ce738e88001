import { createCheckout } from '../e2e/checkout.ts'

/** The embedded default as a newcomer has it, whose pages are opened in a browser. */
export interface ServedPages {
  readonly url: string
  remove(): Promise<void>
}

export async function servePages(): Promise<ServedPages> {
  const checkout = await createCheckout()
  await checkout.refuseNobody()
  const process = checkout.start('npm', ['start'], { PORT: '0', ADMIN_PORT: '0' })
  const terminal = await process.shows(/Stop with Ctrl\+C/)
  const [, url = ''] = /(http:\S+)\/graphql/.exec(terminal) ?? []
  return { url, remove: () => checkout.remove() }
}
