import { ADMISSION_DEFECTS } from './admission.ts'
import type { Defect } from './defect.ts'
import { LAST_KNOWN_GOOD_DEFECTS } from './last-known-good.ts'
import { PUBLIC_DEFECTS } from './public.ts'
import { RIGHTS_DEFECTS } from './rights.ts'
import { SHIELD_DEFECTS } from './shield.ts'

/** Every seeded defect, in the order of their numbers. */
export const DEFECTS: readonly Defect[] = [
  ...RIGHTS_DEFECTS,
  ...LAST_KNOWN_GOOD_DEFECTS,
  ...SHIELD_DEFECTS,
  ...ADMISSION_DEFECTS,
  ...PUBLIC_DEFECTS,
]
