import type { CommandEntries, CommandEntry } from '../command-group.ts'
import { runAttest } from './attest.ts'
import { runAttestations } from './attestations.ts'
import { runCheck } from './check.ts'
import { runRevoke } from './revoke.ts'
import { createStepCommand } from './step.ts'
import { STEPS, type Step } from './steps.ts'

/** `system …`: one restored system, its guards, its evidence and its steps. */

const FORMS: Readonly<Record<Step['options'], string>> = {
  none: '',
  opening: ' [--wave N…]',
  closing: ' [--last-known-good]',
  distrust: ' [--distrust-since T]',
}

const stepEntry = (step: Step): readonly [string, CommandEntry] => [
  step.verb,
  { form: `system ${step.verb} NAME${FORMS[step.options]}`, does: step.does, run: createStepCommand(step) },
]

export const SYSTEM_VERBS: CommandEntries = new Map([
  [
    'check',
    { form: 'system check NAME [--to STATE]', does: 'show all guards of a step as they are now', run: runCheck },
  ],
  [
    'attest',
    {
      form: 'system attest NAME --claims FILE|--renew ID',
      does: 'attest that it is clean, or again; --draft helps',
      run: runAttest,
    },
  ],
  [
    'attestations',
    { form: 'system attestations NAME [--long]', does: 'show who attests it, and until when', run: runAttestations },
  ],
  ['revoke', { form: 'system revoke ID --reason TEXT', does: 'take an attestation back', run: runRevoke }],
  ...STEPS.map(stepEntry),
])
