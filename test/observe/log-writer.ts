import { createLog } from '../../src/observe/log.ts'
import { createGatheringDestination } from '../../src/observe/log-destination.ts'

/** A process of its own that writes numbered lines to a log on its standard error and ends in the way that it is told. */

const [ending = 'natural', lines = '1000', maxWaiting = ''] = process.argv.slice(2)
const log = createLog({
  level: 'info',
  ...(maxWaiting !== '' && {
    destination: createGatheringDestination({
      descriptor: process.stderr.fd,
      maxWaiting: Number(maxWaiting),
      tellDropped: dropped => `${JSON.stringify({ dropped })}\n`,
      onExit: flush => void process.once('exit', flush),
    }),
  }),
})
const write = () => {
  for (let number = 0; number < Number(lines); number++) log.prepared(`"number":${number}`, 'a line')
}

write()
if (ending === 'exit') process.exit(7)
if (ending === 'later exit') setTimeout(() => process.exit(7), 15)
if (ending === 'fatal') setTimeout(() => Promise.reject(new Error('nobody catches this')), 15)
if (ending === 'again') {
  // Once more after the reader has read on, which it says on the standard input.
  process.stdin.once('data', () => {
    write()
    process.stdin.destroy()
  })
  process.stdout.write('written')
}
