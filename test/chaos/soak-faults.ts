import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Random } from '../../demo/generator/random.ts'
import type { SystemKey } from '../../src/model/system.ts'
import { FAULTS } from '../support/fault-proxy.ts'
import { limitedOpening, transition } from '../support/opening.ts'
import { SOAK_PARTNERS } from './soak-questions.ts'
import type { SoakSite } from './soak-site.ts'

/** What is done to a site in a soak, one after the other, and what partners may be refused for it meanwhile. */
export interface SoakFault {
  readonly name: string
  begin(): Promise<void>
  /** All is well again, as far as whoever broke it is concerned. */
  end(): Promise<void>
  /** Whose answers it may cost; left out: nobody's. */
  readonly costs?: { readonly system: SystemKey } | { readonly partner: number }
  /** Codes that are right while it lasts. */
  readonly codes: readonly string[]
  /** Whether nothing of it may be answered meanwhile. */
  readonly isClosure?: boolean
  /** A process begins anew, so that its memory says nothing of those before. */
  readonly isRestart?: boolean
}

const AWAY = ['SYSTEM_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'SYSTEM_DATA_INVALID', 'DATA_TOO_OLD']
/** Without TLS nothing tells a flipped bit from data; that it is told with it, is held where networks have it. */
const PROXIED = FAULTS.filter(fault => fault !== 'bit flip')
const nothing = async (): Promise<void> => {}
/** As the hook before a container's stop: a balancer sends nothing new meanwhile. */
const BEFORE_STOP_MS = 1_000

export function soakFaults(soak: SoakSite): readonly SoakFault[] {
  const { store, partsDatabase, proxies, gateways, operator, site } = soak
  const submit = async (...statement: Parameters<typeof site.sign>) => {
    await operator.submit(await site.sign(...statement))
  }

  const proxied = (['PARTS_LOGISTICS', 'WHOLESALE_FINANCE'] as const).flatMap(system =>
    PROXIED.map((fault): SoakFault => {
      const lay = (laid: typeof fault | null) => proxies[system].lay(laid)
      const name = `${fault} before ${system}`
      return { name, costs: { system }, codes: AWAY, begin: () => lay(fault), end: () => lay(null) }
    }),
  )
  const closed = (['PARTS_LOGISTICS', 'WHOLESALE_FINANCE', 'PRODUCTION_SCHEDULE'] as const).map((system): SoakFault => {
    const step = (to: string, facts: object) =>
      submit('lifecycle-transition', transition(system, operator.lifecycle(system), to, facts))
    return {
      name: `${system} closed`,
      costs: { system },
      // What was being read as it closed or opened changed under way.
      codes: ['SYSTEM_NOT_OPEN', 'SYSTEM_UNAVAILABLE'],
      isClosure: true,
      begin: () => step('SUSPENDED', { reason: 'a doubt' }),
      end: () => step('LIMITED_OPEN', limitedOpening([1])),
    }
  })
  const disabled = SOAK_PARTNERS.map(({ bpnl }, partner): SoakFault => {
    const grant = (action: string) => submit('partner-grant', { sub: `urn:partner:${bpnl}`, action })
    return {
      name: `partner ${partner + 1} disabled`,
      costs: { partner },
      codes: ['FORBIDDEN', 'SYSTEM_UNAVAILABLE'],
      isClosure: true,
      begin: () => grant('DISABLE'),
      end: () => grant('ENABLE'),
    }
  })
  return [
    {
      name: 'the store frozen',
      codes: [],
      begin: async () => store.freeze(),
      end: async () => store.thaw(),
    },
    { name: 'the store killed', codes: [], begin: store.kill, end: store.restart },
    {
      name: 'the database of PARTS_LOGISTICS killed',
      costs: { system: 'PARTS_LOGISTICS' },
      codes: AWAY,
      begin: partsDatabase.kill,
      end: partsDatabase.restart,
    },
    ...proxied,
    ...closed,
    ...disabled,
    {
      name: 'a gateway killed',
      codes: [],
      isRestart: true,
      begin: async () => gateways[0]?.kill(),
      async end() {
        gateways[0] = await soak.startGateway()
      },
    },
  ]
}

/** Each process gives way to another: which is there before it goes. */
export function rollingRestart(soak: SoakSite): SoakFault {
  const { gateways } = soak
  return {
    name: 'rolling restart',
    codes: [],
    isRestart: true,
    async begin() {
      for (const [index, old] of [...gateways.entries()]) {
        gateways[index] = await soak.startGateway()
        await setTimeout(BEFORE_STOP_MS)
        old.child.kill('SIGTERM')
        if (old.child.exitCode === null) await once(old.child, 'exit')
      }
    },
    end: nothing,
  }
}

/** By the seed, and none twice before all have been. */
export function* inTurn(faults: readonly SoakFault[], random: Random): Generator<SoakFault, never> {
  for (;;) {
    const left = [...faults]
    while (left.length > 0) yield* left.splice(random.int(0, left.length - 1), 1)
  }
}
