import type { Defect } from './defect.ts'

/** Mistakes after which a crowd, or one partner, would keep the others from being answered. */
export const ADMISSION_DEFECTS: readonly Defect[] = [
  {
    is: 'an execution that throws before it waits keeps its place for ever',
    file: 'src/admission/executions.ts',
    original: '      try {\n        return await execute()\n',
    mistaken: '      const executing = execute()\n      try {\n        return await executing\n',
    caughtBy: {
      suite: 'test/admission/executions.test.ts',
      test: 'what throws before it has begun to wait gives its place back, too',
    },
  },
  {
    is: 'the clients of a partner have its places each',
    file: 'src/admission/executions.ts',
    original: '      const { bpnl } = viewer.partner\n      enter(bpnl)',
    mistaken: '      const bpnl = viewer.clientId\n      enter(bpnl)',
    caughtBy: {
      suite: 'test/admission/executions.test.ts',
      test: 'another partner, and another client of the same, count for themselves and for their partner',
    },
  },
  {
    is: 'strangers use up what is kept for critical operations',
    file: 'src/admission/shedding.ts',
    original: '  const ofStrangers = createReserve(reservedPerSecond, clock)\n',
    mistaken: '  const ofStrangers = ofPartners\n',
    caughtBy: {
      suite: 'test/admission/shedding.test.ts',
      test: 'is not used up by strangers, nor by what nobody has read yet',
    },
  },
  {
    is: 'load is shed for ever once it was',
    file: 'src/admission/pressure.ts',
    original: ' : FALL * excess',
    mistaken: ' : 0',
    caughtBy: {
      suite: 'test/admission/pressure.test.ts',
      test: 'comes to an end: from the utmost to nothing within two seconds, without a step',
    },
  },
  {
    is: 'the time that refusals take is taken for that of executions, so that a crowd leaves the others none',
    file: 'src/admission/turn-room.ts',
    original: 'activeMs - passed * PASSED_MS)',
    mistaken: 'activeMs)',
    caughtBy: {
      suite: 'test/admission/turn-room.test.ts',
      test: 'is not taken by a crowd that is refused',
    },
  },
  {
    is: 'what the reserve lets in is executed on top of all that a turn has room for',
    file: 'src/admission/shedding.ts',
    original: '      room.owe()\n',
    mistaken: '',
    caughtBy: {
      suite: 'test/admission/shedding.test.ts',
      test: 'what the reserve lets in is owed by the turns to come',
    },
  },
]
