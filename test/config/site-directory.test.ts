import { expect, test } from '@jest/globals'
import { parseSiteDirectory } from '../../src/config/site-directory.ts'

const site = {
  bpns: 'BPNS00000000001A',
  name: 'Global Parts Logistics Centre',
  type: 'GLOBAL_PARTS_LOGISTICS_CENTRE',
  country: 'GB',
  timeZone: 'Europe/London',
}

test('sites are found by their BPNS, and an address that is left out is null', () => {
  const directory = parseSiteDirectory({ sites: [site] }, 'sites.yaml')
  expect(directory.get('BPNS00000000001A')).toEqual({ ...site, bpna: null })
  expect(directory.size).toBe(1)
})

test('a site that stands twice is refused, naming both places', () => {
  expect(() => parseSiteDirectory({ sites: [site, { ...site, name: 'Other' }] }, 'sites.yaml')).toThrow(
    'sites.yaml: sites[1].bpns: BPNS00000000001A is that of entry [0] already; each may stand there once',
  )
})

test.each([
  [{ bpns: 'BPNL00000000001A' }, 'sites[0].bpns: is "BPNL00000000001A"; must be a BPNS (CX-0010)'],
  [{ timeZone: 'Mars/Base' }, 'sites[0].timeZone: is "Mars/Base"; must be an IANA time zone'],
  [{ type: 'SHOP' }, 'sites[0].type: is "SHOP"; must be one of PLANT, GLOBAL_PARTS_LOGISTICS_CENTRE'],
  [{ country: 'UK ' }, 'sites[0].country: is "UK "; must be an ISO 3166-1 alpha-2 code'],
  [{ lat: 1 }, 'sites[0].lat: is not a setting; allowed here: bpns, bpna, name, type, country, timeZone'],
])('a wrong site %j is refused with its place and what is allowed', (change, message) => {
  expect(() => parseSiteDirectory({ sites: [{ ...site, ...change }] }, 'sites.yaml')).toThrow(`sites.yaml: ${message}`)
})
