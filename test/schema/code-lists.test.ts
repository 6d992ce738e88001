import { describe, expect, test } from '@jest/globals'
import { isEnumType } from 'graphql'
import { standardCodes } from '../../src/graphql/standard-codes.ts'
import * as lists from '../../src/model/code-lists.ts'
import { DATA_ORIGINS } from '../../src/model/provenance.ts'
import { LIFECYCLES, SYSTEM_KEYS } from '../../src/model/system.ts'
import { PARTNER_ROLES, VIEWER_FACTS } from '../../src/model/viewer.ts'
import { GUARD_OUTCOMES } from '../../src/recovery/lifecycle/guard-result.ts'
import { SIGNATORY_ROLES } from '../../src/recovery/statements/signatory.ts'
import { SUSPENSION_CAUSES } from '../../src/recovery/system-state.ts'
import { applied, ownTypes, readSchema } from './sdl.ts'

const schema = readSchema()
const enums = ownTypes(schema).filter(isEnumType)
const valuesOf = (name: string) =>
  enums
    .find(type => type.name === name)
    ?.getValues()
    .map(value => value.name)

/** The schema's enums that rows, files or the registry use as well. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  ViewerFact: VIEWER_FACTS,
  PartnerRole: PARTNER_ROLES,
  SystemKey: SYSTEM_KEYS,
  SystemLifecycle: LIFECYCLES,
  DataOrigin: DATA_ORIGINS,
  SiteType: lists.SITE_TYPES,
  Shop: lists.SHOPS,
  SiteRestartStatus: lists.SITE_RESTART_STATUSES,
  RestartPhase: lists.RESTART_PHASES,
  PlannedReopeningStatus: lists.PLANNED_REOPENING_STATUSES,
  ComponentStatus: lists.COMPONENT_STATUSES,
  SupersessionKind: lists.SUPERSESSION_KINDS,
  PartsOrderClass: lists.PARTS_ORDER_CLASSES,
  PartsOrderLineStatus: lists.PARTS_ORDER_LINE_STATUSES,
  InvoiceType: lists.INVOICE_TYPES,
  InvoiceStatus: lists.INVOICE_STATUSES,
  InvoiceStatusReason: lists.INVOICE_STATUS_REASONS,
  InvoiceAction: lists.INVOICE_ACTIONS,
  PaymentKind: lists.PAYMENT_KINDS,
  PaymentChannel: lists.PAYMENT_CHANNELS,
  PaymentStatus: lists.PAYMENT_STATUSES,
  WholesaleStatus: lists.WHOLESALE_STATUSES,
  FundingStatus: lists.FUNDING_STATUSES,
  ScheduleStatus: lists.SCHEDULE_STATUSES,
  DemandCategory: lists.DEMAND_CATEGORIES,
  EvidenceKind: lists.EVIDENCE_KINDS,
  EvidenceOutcome: lists.EVIDENCE_OUTCOMES,
  AttesterRole: lists.ATTESTER_ROLES,
  SuspensionCause: SUSPENSION_CAUSES,
  SignatoryRole: SIGNATORY_ROLES,
  GuardOutcome: GUARD_OUTCOMES,
}

describe('the enums of the schema', () => {
  test.each(Object.entries(SHARED))('%s has the values of its code list, in the same order', (name, list) => {
    expect(valuesOf(name)).toEqual([...list])
  })

  test('include every code list that rows share with partners', () => {
    const inSchema = new Set(Object.values(SHARED))
    const missing = Object.entries(lists).filter(([, list]) => !inSchema.has(list))
    // Stock by status is read inside only: partners see it as quantities.
    expect(missing.map(([name]) => name)).toEqual(['STOCK_STATUSES'])
  })
})

describe('published codes', () => {
  const codes = standardCodes(schema)
  const pairs = enums.flatMap(type =>
    type.getValues().flatMap(value =>
      applied(value.astNode, 'standardCode')
        .slice(0, 1)
        .map(({ list, code }) => ({ type: type.name, value: value.name, list: String(list), code: String(code) })),
    ),
  )
  // The framework's outcomes class evidence; they do not name it.
  const naming = pairs.filter(({ list }) => list !== 'NIST CSF 2.0')

  test.each(naming)('$list $code is $type.$value', ({ type, value, code }) => {
    expect(codes.codeOf(type, value)).toBe(code)
  })

  test('are the whole of each list that the schema takes over', () => {
    const codesOf = (list: string) => naming.filter(pair => pair.list === list).map(({ code }) => code)
    expect(codesOf('UNCL4343')).toEqual(['AB', 'IP', 'UQ', 'CA', 'RE', 'AP', 'PD', 'PD'])
    expect(codesOf('UNCL1001')).toEqual(['380', '381'])
    expect(codesOf('OPStatusReason').join(' ')).toBe('NON REF LEG REC QUA DEL PRI QTY ITM PAY UNR FIN PPD OTH')
    expect(codesOf('OPStatusAction').join(' ')).toBe('NOA PIN NIN CNF CNP CNA OTH')
    expect(codesOf('ISO 20022 ExternalPaymentTransactionStatus1Code').join(' ')).toBe(
      'RCVD PDNG ACTC ACCP ACWC ACSP ACSC ACCC RJCT CANC',
    )
    expect(codesOf('CX demandCategoryCode').join(' ')).toBe('0001 A1S1 SR99 PI01 OS01 OI01 ED01 PO01')
  })

  test('tell a partly paid invoice from a paid one by the reason PPD alone', () => {
    const status = enums.find(type => type.name === 'InvoiceStatus')
    const codesOn = (value: string) => applied(status?.getValue(value)?.astNode, 'standardCode')
    expect(codes.codeOf('InvoiceStatus', 'PAID')).toBe('PD')
    expect(codes.codeOf('InvoiceStatus', 'PARTIALLY_PAID')).toBe('PD')
    expect(codesOn('PAID')).toEqual([{ list: 'UNCL4343', code: 'PD' }])
    expect(codesOn('PARTIALLY_PAID')).toEqual([
      { list: 'UNCL4343', code: 'PD' },
      { list: 'OPStatusReason', code: 'PPD' },
    ])
  })

  test('are null where none is published', () => {
    expect(codes.codeOf('PaymentStatus', 'SCHEDULED')).toBeNull()
    expect(codes.codeOf('FundingStatus', 'FUNDED')).toBeNull()
  })

  test('are refused for a value that the schema does not have', () => {
    expect(() => codes.codeOf('InvoiceStatus', 'LOST')).toThrow(TypeError)
    expect(() => codes.codeOf('NoSuchEnum', 'PAID')).toThrow('NoSuchEnum.PAID')
  })
})
