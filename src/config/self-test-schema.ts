import { group, whole } from './setting.ts'

/** What the gateway shows of itself before it listens. Called by the schema of the configuration. */
export const selfTest = group('The test of itself that the gateway passes before it listens', {
  clockSeconds: whole({
    is: "Most that this machine's clock may be off from those of the journal's database and the shared store",
    unit: 'seconds',
    from: 1,
    to: 60,
    preset: 5,
  }),
})
