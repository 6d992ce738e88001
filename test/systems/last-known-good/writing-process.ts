import { openSqliteStorage } from '../../../src/systems/last-known-good/sqlite-storage.ts'

/** A process that writes batch after batch into the file that it is told, and says of each that it is written, until it is killed. */

const [path = ''] = process.argv.slice(2)
const storage = await openSqliteStorage({ path, maxBytes: 16_777_216, log: { warn: () => {}, error: () => {} } })
for (let batch = 0; ; batch++) {
  const entries = Array.from({ length: 50 }, (_, n) => ({
    key: `${batch} ${n}`,
    value: `${batch} ${n} ${'x'.repeat(500)}`,
    ttl: 3_600_000,
    by: 'BPNL0000000ALPHA',
  }))
  await storage.setMany(entries)
  process.stdout.write(`${batch}\n`)
}
