import { Mark } from '../parts/mark.tsx'
import { CalendarDate } from '../parts/time.tsx'
import type { SiteRestart } from '../view.ts'
import { countryName, readable, siteOpenness, siteStatus } from '../words.ts'

/** Each site, and each of its shops that restarts on its own. */
export function Sites({ sites }: { readonly sites: readonly SiteRestart[] }) {
  if (sites.length === 0) return null
  const groups = Map.groupBy(sites, ({ site }) => site.bpns)
  return (
    <section aria-labelledby="sites">
      <h2 id="sites">Sites and shops</h2>
      <table class="sites">
        <caption class="unseen">Sites and shops, with how far they have come back</caption>
        <thead>
          <tr>
            <th scope="col">Shop</th>
            <th scope="col">How far</th>
            <th scope="col">First day of production</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        {[...groups.values()].map(entries => (
          <tbody key={entries[0]?.site.bpns}>
            <tr class="site-name">
              <th scope="rowgroup" colSpan={4}>
                {entries[0]?.site.name}
                <span>
                  {readable(entries[0]?.site.type ?? '')}, {countryName(entries[0]?.site.country ?? '')}
                </span>
              </th>
            </tr>
            {entries.map(({ shop, status, restartDate, note }) => (
              <tr key={shop}>
                <th scope="row">{shop === null ? 'Whole site' : readable(shop)}</th>
                <td>
                  <Mark of={siteOpenness(status)} /> {siteStatus(status)}
                </td>
                <td>{restartDate === null ? 'Not set yet' : <CalendarDate on={restartDate} />}</td>
                <td>{note}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </section>
  )
}
