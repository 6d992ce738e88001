import { setTimeout } from 'node:timers/promises'
import { type Checkout, createCheckout, type Running } from '../e2e/checkout.ts'

/** The embedded default as a newcomer has it, whose pages are opened in a browser. */
export interface ServedPages {
  readonly url: string
  readonly admin: string
  readonly checkout: Checkout
  /** Ends the gateway, and leaves its data. */
  kill(): Promise<void>
  /** Starts it again on the port that it had. */
  startAgain(): Promise<void>
  remove(): Promise<void>
}

export async function servePages(): Promise<ServedPages> {
  const checkout = await createCheckout()
  await checkout.refuseNobody()
  let running = await start(checkout, '0')
  const { url, admin } = running
  return {
    url,
    admin,
    checkout,
    async kill() {
      const gateway = await checkout.holder()
      running.process.signal('SIGKILL', 'group')
      await running.process.ended
      // npm's own end is not that of what it has started, which holds the data until then.
      while (isAlive(gateway)) await setTimeout(20)
    },
    async startAgain() {
      running = await start(checkout, new URL(url).port)
    },
    remove: () => checkout.remove(),
  }
}

async function start(checkout: Checkout, port: string) {
  const process: Running = checkout.start('npm', ['start'], { PORT: port, ADMIN_PORT: '0' })
  const terminal = await process.shows(/Stop with Ctrl\+C/)
  const [, url = ''] = /(http:\S+)\/graphql/.exec(terminal) ?? []
  const [, admin = ''] = /(http:\S+)\/health/.exec(terminal) ?? []
  return { process, url, admin }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
