import type { Defect } from './defect.ts'

/** Mistakes after which a partner would meet what is somebody else's, or no longer its own. */
export const RIGHTS_DEFECTS: readonly Defect[] = [
  {
    is: 'the partner is not in the cache keys',
    file: 'src/model/partition.ts',
    original: '[viewer.partner.bpnl, viewer.epoch]',
    mistaken: '[viewer.epoch]',
    caughtBy: {
      suite: 'test/responses/answer-key.test.ts',
      test: "is nobody else's for what belongs to a partner, nor its own from before its rights changed",
    },
  },
  {
    is: 'look-ups of two owners share a loader',
    file: 'src/loaders/same-grant.ts',
    original: 'one?.owner === other?.owner && ',
    mistaken: '',
    caughtBy: {
      suite: 'test/loaders/reads.test.ts',
      test: 'never ask for two grants together, nor give one what was read for the other',
    },
  },
  {
    is: 'rows of another owner pass the border',
    file: 'src/systems/visibility.ts',
    original: 'filter.columns.some(column => row[column] === filter.value)',
    mistaken: 'filter.columns.some(column => row[column] !== null)',
    caughtBy: { suite: 'test/systems/border.test.ts', test: 'of another owner is dropped and reported' },
  },
  {
    is: 'the epoch of the system is not in the keys of the field cache',
    file: 'src/graphql/field-guard.ts',
    original: 'keyOf(declaration.coordinate, partition, epoch)',
    mistaken: 'keyOf(declaration.coordinate, partition)',
    caughtBy: {
      suite: 'test/graphql/field-guard.test.ts',
      test: 'lets nothing out that was cached before a closing, after the next opening',
    },
  },
  {
    is: 'the gate goes by what it found before a system closed',
    file: 'src/systems/gate.ts',
    original: ' || seen.under !== snapshot) {',
    mistaken: ') {',
    caughtBy: {
      suite: 'test/graphql/field-guard.test.ts',
      test: 'is asked when the cache has the answer, and the answer is not given once the system is closed',
    },
  },
  {
    is: "the memo of a request's partitions is shared between requests",
    file: 'src/graphql/context.ts',
    original: '  const known = new Map<string, DeclaredViewer>()\n',
    mistaken:
      '  const shared = createRequestContext as { known?: Map<string, DeclaredViewer> }\n  const known = (shared.known ??= new Map())\n',
    caughtBy: {
      suite: 'test/graphql/record-fields.test.ts',
      test: 'is read for each partition by itself, also while another is being read',
    },
  },
  {
    is: 'entities need the scopes of nothing that they are',
    file: 'src/operations/fold.ts',
    original: 'collect(declaration, lookup.key)',
    mistaken: 'void lookup.key',
    caughtBy: {
      suite: 'test/operations/entities.test.ts',
      test: 'needs, reads and depends on what the same questions would, and on nothing of types that are not selected',
    },
  },
  {
    is: 'an entity is given of a type that the plan knows nothing of',
    file: 'src/graphql/federation/entities.ts',
    original: 'if (!operation.entitiesUnder.get(String(info.path.key))?.has(type))',
    mistaken: 'if (operation.entitiesUnder.size === 0)',
    caughtBy: {
      suite: 'test/app/federation.test.ts',
      test: 'that are forged are each refused at their own place, and the others are answered',
    },
  },
]
