import type { Defect } from './defect.ts'

/** Mistakes after which a fragile system would be crowded, or its partners not be served in turn. */
export const SHIELD_DEFECTS: readonly Defect[] = [
  {
    is: 'an answer that is of no use does not count against the system',
    file: 'src/systems/shield/shield.ts',
    original: 'isFault: tookMs >= slowMs || !isUsable(value)',
    mistaken: 'isFault: tookMs >= slowMs && !isUsable(value)',
    caughtBy: { suite: 'test/systems/shield/shield.test.ts', test: 'counts answers that are of no use' },
  },
  {
    is: 'whoever waited is asked for although its right has gone',
    file: 'src/systems/shield/shield.ts',
    original: '      if (turn !== null) assertStillAdmitted(asker)\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/systems/shield/shield.test.ts',
      test: 'is asked for once it comes only if it may still read, and keeps nobody behind it from theirs',
    },
  },
  {
    is: 'a partner is served until its line is empty',
    file: 'src/systems/shield/fair-line.ts',
    original: '      if (lines.delete(by)) lines.set(by, line)\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/systems/shield/turns.test.ts',
      test: 'are given to partners in turn: a thousand that wait do not delay the one of another',
    },
  },
  {
    is: 'the ramp goes on where it was when a system opens again',
    file: 'src/systems/shield/ramp.ts',
    original: 'const isOpened = openedMs() !== opening',
    mistaken: 'const isOpened = Number.isNaN(opening)',
    caughtBy: { suite: 'test/systems/shield/ramp.test.ts', test: 'begins anew when the system opens again' },
  },
  {
    is: 'probes of a system that hangs come beside each other',
    file: 'src/systems/shield/breaker.ts',
    original: 'isProbing ? Math.max(PROBE_MS, untilMs) : Math.max(0, untilMs)',
    mistaken: 'Math.max(0, untilMs)',
    caughtBy: {
      suite: 'test/systems/shield/breaker.test.ts',
      test: 'lets one probe at a time through, however long it takes',
    },
  },
  {
    is: 'retries cost nothing',
    file: 'src/systems/shield/retry-budget.ts',
    original: '      hundredths -= 100\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/systems/shield/retry-budget.test.ts',
      test: 'gives a tenth of the calls, and two beside at most',
    },
  },
  {
    is: 'a failure is told to whoever may see other rows',
    file: 'src/systems/remembered-reads.ts',
    original: 'canonicalJson([name, columns, visible])',
    mistaken: 'canonicalJson([name, columns])',
    caughtBy: {
      suite: 'test/systems/restored-system-failures.test.ts',
      test: 'by key is not that of somebody who may see other rows, nor one by other columns',
    },
  },
  {
    is: 'a call that was given up early makes a slow system look quick',
    file: 'src/systems/shield/shield.ts',
    original: 'if (!saysNothing(ended)) ramp.note',
    mistaken: 'ramp.note',
    caughtBy: {
      suite: 'test/systems/shield/shield.test.ts',
      test: 'before it could have been slow does not make a system that is slow look quick',
    },
  },
  {
    is: 'calls that were given up early hide that all the others fail',
    file: 'src/systems/shield/breaker.ts',
    original: '        if (saysNothing(told)) throw UNCOUNTED\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/systems/shield/breaker.test.ts',
      test: 'does not count what was given up for want of time',
    },
  },
]
