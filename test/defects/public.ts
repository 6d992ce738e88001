import type { Defect } from './defect.ts'

/** Mistakes after which everybody in the world would read what is for partners, or hear of it. */
export const PUBLIC_DEFECTS: readonly Defect[] = [
  {
    is: 'every update is public',
    file: 'src/status/public-state.ts',
    original: '.filter(({ isPublic }) => isPublic)',
    mistaken: '.filter(() => true)',
    caughtBy: { suite: 'test/status/public-state.test.ts', test: 'at first, and as long as no statement says so' },
  },
  {
    is: 'the public sees all of a system',
    file: 'src/status/public-state.ts',
    original: '  return {\n    key,\n    name,',
    mistaken: '  return {\n    ...system,\n    key,\n    name,',
    caughtBy: { suite: 'test/status/public-state.test.ts', test: 'beyond what is marked, whatever is marked' },
  },
  {
    is: 'the public sees what is planned for some waves',
    file: 'src/status/public-state.ts',
    original: '.filter(({ waves }) => waves.length === 0)',
    mistaken: '.filter(() => true)',
    caughtBy: { suite: 'test/status/public-state.test.ts', test: 'has no reopening that is for some waves only' },
  },
  {
    is: 'the public hears of every entry in the journal',
    file: 'src/http/status/status-events.ts',
    original: 'if (before?.etag !== told.etag)',
    mistaken: 'if (before?.state !== told.state)',
    caughtBy: { suite: 'test/http/status/status-events.test.ts', test: 'hears nothing of what is not public' },
  },
]
