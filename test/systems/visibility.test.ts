import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PARTNER_ROLES } from '../../src/model/viewer.ts'
import { bpnl, bpns, text } from '../../src/systems/columns.ts'
import type { AnyRelation, RowFilter } from '../../src/systems/connector.ts'
import { type Access, defineRelation, type Grant } from '../../src/systems/relation.ts'
import { isVisible, visibleRows } from '../../src/systems/visibility.ts'
import { ALPHA, BETA } from './viewer.ts'

const relationWith = (access: Access): AnyRelation =>
  defineRelation('PARTS_LOGISTICS', 'thing', {
    columns: { number: text(), owner: bpnl(), payer: bpnl(), site: bpns() },
    key: ['number'],
    access,
  })
/** A grant as a caller that the types do not hold back might give it. */
const filterOf = (access: Access, grant: unknown): RowFilter | null => visibleRows(relationWith(access), grant as Grant)

const OWNED = { kind: 'owned', columns: ['owner', 'payer'] } as const
const SITED = { kind: 'sited', column: 'site' } as const
const PRIVILEGED = { kind: 'privileged', column: 'site', roles: ['INTERNAL', 'IMPORTER'] } as const
const SITES = ['BPNS00000000ST01']

describe('a grant that does not fit shows no row', () => {
  test.each([
    ['no owner', OWNED, {}],
    ['an empty owner', OWNED, { owner: '' }],
    ['an owner that is undefined', OWNED, { owner: undefined }],
    ['sites in place of an owner', OWNED, { sites: SITES }],
    ['no sites', SITED, {}],
    ['an empty list of sites', SITED, { sites: [] }],
    ['an owner in place of sites', SITED, { owner: ALPHA }],
    ['no roles', PRIVILEGED, { sites: SITES }],
    ['another role', PRIVILEGED, { sites: SITES, roles: ['RETAILER'] }],
    ['the role without sites', PRIVILEGED, { sites: [], roles: ['INTERNAL'] }],
    ['the role with no word of sites', PRIVILEGED, { roles: ['INTERNAL'] }],
  ])('%s', (_what, access, grant) => expect(filterOf(access, grant)).toBeNull())

  test('whatever the roles, if none is one of the privileged', () => {
    fc.assert(
      fc.property(fc.subarray(PARTNER_ROLES.filter(role => role !== 'INTERNAL' && role !== 'IMPORTER')), roles => {
        expect(filterOf(PRIVILEGED, { roles, sites: SITES })).toBeNull()
      }),
    )
  })
})

test('a grant that fits shows what it says and nothing else', () => {
  expect(filterOf({ kind: 'open' }, {})).toEqual({ kind: 'all' })
  expect(filterOf(OWNED, { owner: ALPHA })).toEqual({ kind: 'owner', columns: ['owner', 'payer'], value: ALPHA })
  expect(filterOf(SITED, { sites: SITES })).toEqual({ kind: 'within', column: 'site', values: SITES })
  expect(filterOf(PRIVILEGED, { sites: SITES, roles: ['RETAILER', 'IMPORTER'] })).toEqual({
    kind: 'within',
    column: 'site',
    values: SITES,
  })
})

describe('a row is visible', () => {
  const row = { number: '1', owner: ALPHA, payer: BETA, site: 'BPNS00000000ST01' }

  test.each<[RowFilter, boolean]>([
    [{ kind: 'all' }, true],
    [{ kind: 'owner', columns: ['owner'], value: ALPHA }, true],
    [{ kind: 'owner', columns: ['owner'], value: BETA }, false],
    [{ kind: 'owner', columns: ['owner', 'payer'], value: BETA }, true],
    [{ kind: 'owner', columns: ['nothing'], value: ALPHA }, false],
    [{ kind: 'owner', columns: ['owner'], value: ALPHA.toLowerCase() }, false],
    [{ kind: 'within', column: 'site', values: SITES }, true],
    [{ kind: 'within', column: 'site', values: ['BPNS00000000ST02'] }, false],
    [{ kind: 'within', column: 'nothing', values: SITES }, false],
    [{ kind: 'within', column: 'site', values: [] }, false],
  ])('under %j: %s', (filter, visible) => expect(isVisible(row, filter)).toBe(visible))
})
