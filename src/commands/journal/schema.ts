import { JOURNAL_DDL } from '../../recovery/journal/schema.ts'
import { OUTBOX_DDL } from '../../webhooks/outbox-schema.ts'
import { HELP, HELP_USAGE, readArguments, required } from '../arguments.ts'
import { createCommand, UsageError } from '../command.ts'

/** `journal schema`: the SQL that a database administrator runs, before the first start on a PostgreSQL server and after an update. */

const USAGE = `usage: recovery-gateway journal schema --role ROLE [--schema NAME]

Prints SQL for the owner of the database; running it again changes nothing:

  recovery-gateway journal schema --role recovery_gateway | psql --single-transaction --set ON_ERROR_STOP=1

  --role ROLE              the role that the gateway logs in as: it may read the journal and insert into it,
                           and nothing else but change the outbox of webhooks beside it; it is made,
                           without a login, where there is none
  --schema NAME            the schema of the journal (recovery_journal)
${HELP_USAGE}`

interface Request {
  readonly role: string
  readonly schema: string
}

export const runSchema = createCommand<Request>({
  usage: USAGE,
  parse(args) {
    const read = readArguments(args, { role: { type: 'string' }, schema: { type: 'string' }, ...HELP })
    if (read === 'help') return read
    const { role, schema = 'recovery_journal' } = read.values
    return { role: required('--role', role), schema }
  },
  async work({ role, schema }, io) {
    io.stdout(sqlFor(schema, role))
    return 'done'
  },
})

function sqlFor(schema: string, role: string): string {
  try {
    return JOURNAL_DDL(schema, role) + OUTBOX_DDL(schema, role)
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new UsageError(thrown.message)
    throw thrown
  }
}
