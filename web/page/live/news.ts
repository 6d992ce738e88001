import type { StatusView } from '../view.ts'
import { standingOf } from '../words.ts'

/** What is different between two views, in a sentence or two for those who hear the page; empty: nothing to speak of. */
export function newsBetween(before: StatusView, after: StatusView): string {
  const systems = after.restartStatus.systems.flatMap(system => {
    const earlier = before.restartStatus.systems.find(({ key }) => key === system.key)
    const isSame = earlier === undefined || standingOf(earlier) === standingOf(system)
    return isSame ? [] : [`${system.name}: ${standingOf(system).toLowerCase()}.`]
  })
  const known = new Set(before.restartStatus.updates?.edges.map(({ node }) => node.id))
  const updates = (after.restartStatus.updates?.edges ?? [])
    .filter(({ node }) => !known.has(node.id))
    .map(({ node }) => `New update: ${node.title}.`)
  return [...systems, ...updates].join(' ')
}
