import { setTimeout } from 'node:timers/promises'
import type { SystemKey } from '../../src/model/system.ts'
import {
  attest,
  intrusionFact,
  limitedOpening,
  openSystem,
  RETAILER,
  registerPartner,
  transition,
} from '../support/opening.ts'
import { type Instance, type InstanceOptions, restartOf, type Site, startSite } from '../support/site.ts'

/** Two instances on one journal, with parts logistics open: what the tests close, and how they open it again. */
export interface Pair {
  readonly site: Site
  readonly first: Instance
  readonly second: Instance
}

export const PARTS: SystemKey = 'PARTS_LOGISTICS'
export const BPNL = 'BPNL00000R000121'
export const part = (partNumber: string) => ({
  query: `{ part(partNumber: "${partNumber}") { partNumber description } }`,
})

export async function startPair(options: Pick<InstanceOptions, 'connectors' | 'policy'> = {}): Promise<Pair> {
  const site = await startSite({ isSmall: true })
  // Reads are counted after an opening: those of the warm-up would be among them.
  const settings = { warmUp: { questions: 0 } }
  const first = await site.start({ ...options, settings })
  const second = await site.start({ ...options, settings })
  await registerPartner(site, first, BPNL, RETAILER)
  await openSystem(site, first, PARTS)
  return { site, first, second }
}

/** Waits until the condition holds, and says how long that took. */
export async function until(condition: () => boolean | Promise<boolean>, atMostMs = 5_000): Promise<number> {
  const startedMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedMs > atMostMs) throw new Error(`waited for ${atMostMs} ms in vain`)
    await setTimeout(5)
  }
  return performance.now() - startedMs
}

/** What becomes of a question: the code of its error, or that it is answered. */
export async function code(instance: Instance, question = part('LR106259')): Promise<string> {
  const { body } = await instance.ask('dms-1', question)
  return body.errors?.[0]?.extensions.code ?? 'ANSWERED'
}

export async function lastEntry(instance: Instance) {
  const { sequence } = instance.app.recovery.current().state.head
  const [row] = await restartOf(instance.app).rows(sequence - 1, 1)
  return JSON.parse(Buffer.from(row?.statement.split('.')[1] ?? '', 'base64url').toString())
}

/** Of the fact about the intrusion that is in force. */
export const revisionIn = ({ app }: Instance) => app.recovery.current().state.intrusion?.revision ?? 0

/** From a suspension back to all partners. */
export async function reopen({ site, first, second }: Pair): Promise<void> {
  const step = async (from: string, to: string, facts: object = {}, role?: 'SYSTEM_OWNER') =>
    first.submit(
      await site.sign('lifecycle-transition', transition(PARTS, from, to, facts), role === undefined ? {} : { role }),
    )
  await step('SUSPENDED', 'QUARANTINED', { reachable_hosts: ['check-1'], check_hosts: ['check-1'] })
  // Forensics has found that the earlier fact was wrong: a later revision may move the intrusion back again.
  const revision = revisionIn(first) + 1
  await first.submit(await site.sign('incident-fact', intrusionFact(revision)))
  await attest(site, first, PARTS, { revision })
  await step('QUARANTINED', 'VERIFIED')
  await step('VERIFIED', 'LIMITED_OPEN', limitedOpening([1]))
  await step('LIMITED_OPEN', 'OPEN', {}, 'SYSTEM_OWNER')
  await until(() => second.lifecycle(PARTS) === 'OPEN')
}
