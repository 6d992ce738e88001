/**
 * Business partner numbers (Catena-X CX-0010): `BPN`, a letter for legal entity, site or address, ten characters, and
 * two check characters by ISO 7064 MOD 1271-36.
 */
export type BusinessPartnerKind = 'L' | 'S' | 'A'

/** `businessPartnerNumber('L', 'S', 1)` is the legal entity `00000S0001` with its check characters. */
export function businessPartnerNumber(kind: BusinessPartnerKind, series: string, serial: number): string {
  const body = `00000${series}${String(serial).padStart(4, '0')}`
  return `BPN${kind}${body}${checkCharacters(body)}`
}

const { parseInt: numberOf } = Number

/** The two characters that make the whole number, read in base 36, leave 1 modulo 1271. */
export function checkCharacters(body: string): string {
  let remainder = 0
  for (const character of body) remainder = (remainder * 36 + numberOf(character, 36)) % 1271
  const check = (1271 + 1 - ((remainder * 36 * 36) % 1271)) % 1271
  return `${(Math.floor(check / 36)).toString(36)}${(check % 36).toString(36)}`.toUpperCase()
}
