import type { Defect } from './defect.ts'

/** Mistakes after which what a system gave last would pass for what it gives, or be given where it must not. */
export const LAST_KNOWN_GOOD_DEFECTS: readonly Defect[] = [
  {
    is: 'what a system gave last is kept in the caches as fresh',
    file: 'src/graphql/kept-value.ts',
    original: 'return lastKnownAtMs === null ? freshUntilMs(value, readAtMs, maxAgeSeconds) : 0',
    mistaken: 'return lastKnownAtMs !== 0 ? freshUntilMs(value, readAtMs, maxAgeSeconds) : 0',
    caughtBy: {
      suite: 'test/graphql/last-known.test.ts',
      test: 'is not kept: the next question is answered by the system, and then without a warning',
    },
  },
  {
    is: 'it is given however old it is',
    file: 'src/loaders/reads.ts',
    original: 'clock.now() - lastRead.readAtMs > seconds * 1_000',
    mistaken: 'clock.now() - lastRead.readAtMs > seconds * 1_000_000',
    caughtBy: {
      suite: 'test/loaders/last-known.test.ts',
      test: 'is too old where it is older than the field may have it, to the millisecond',
    },
  },
  {
    is: 'it takes the place of data that cannot be trusted',
    file: 'src/systems/systems.ts',
    original: "code === 'SYSTEM_UNAVAILABLE' || code",
    mistaken: "code === 'SYSTEM_UNAVAILABLE' || code === 'SYSTEM_DATA_INVALID' || code",
    caughtBy: {
      suite: 'test/systems/last-known.test.ts',
      test: 'gives no older data in the place of data that cannot be trusted',
    },
  },
  {
    is: 'a suspended system is read where what it gave last may be given',
    file: 'src/systems/systems.ts',
    original: '          assertLive()\n          if (givenUp !== null) throw givenUp\n          found',
    mistaken: '          if (givenUp !== null) throw givenUp\n          found',
    caughtBy: {
      suite: 'test/systems/last-known.test.ts',
      test: 'gives what it gave before where its suspension allows it, and is not asked',
    },
  },
  {
    is: 'what a field makes of such a record is kept as fresh',
    file: 'src/graphql/field-guard.ts',
    original: 'return lastKnown.get(system) ?? null',
    mistaken: 'return lastKnown.size > 9 ? 0 : null',
    caughtBy: {
      suite: 'test/graphql/last-known.test.ts',
      test: 'leaves nothing behind that a field has made of its record without a read',
    },
  },
  {
    is: 'whoever joins the flight of another gets it unmarked',
    file: 'src/graphql/field-guard.ts',
    original: '    if (kept.lastKnownAtMs !== null) noteLastKnown(operation, system, kept.lastKnownAtMs)\n',
    mistaken: '',
    caughtBy: { suite: 'test/graphql/last-known.test.ts', test: 'is marked for everybody who joined its flight' },
  },
  {
    is: 'what was read of a system that is distrusted is given',
    file: 'src/recovery/lifecycle/last-known-good.ts',
    original: '    !isDistrusted(read, system) &&\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/recovery/lifecycle/last-known-good.test.ts',
      test: 'is never given again where it was read, for any moment, while the system was distrusted',
    },
  },
  {
    is: 'what was read of another restoration is given',
    file: 'src/recovery/lifecycle/last-known-good.ts',
    original: '    read.restoration === restorationOf(state, key) &&\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/recovery/lifecycle/last-known-good.test.ts',
      test: 'is never given out of another restoration, nor out of another journal',
    },
  },
  {
    is: 'it is kept without the filter of rows under which it was read',
    file: 'src/systems/last-known-good/kept-key.ts',
    original: 'canonicalJson(columns), filterText(visible))',
    mistaken: 'canonicalJson(columns), filterText({ kind: visible.kind } as RowFilter))',
    caughtBy: {
      suite: 'test/systems/last-known-good/kept-key.test.ts',
      test: 'is the same for two look-ups exactly where they show the same',
    },
  },
]
