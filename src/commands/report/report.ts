import { parseArgs } from 'node:util'
import { readAccessLogSection } from '../../config/access-log-section.ts'
import { EMBEDDED_CONFIG_FILE } from '../../config/embedded.ts'
import { HELP, HELP_USAGE, JSON_OUTPUT, JSON_USAGE, time } from '../arguments.ts'
import { CommandFailure, createCommand, type Outcome, UsageError } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { printable } from '../printable.ts'
import { counted } from '../wording.ts'
import { type MissingLines, parseLine } from './entry.ts'
import { linesOf, logFilesIn } from './log-files.ts'
import { type BadLine, type Report, reportJson, reportText, shortfallText } from './report-text.ts'
import { createTally } from './tally.ts'

/** `report`: who read what, and how each partner was answered, from the lines of access logs. */

const USAGE = `usage: recovery-gateway report [FILE|DIRECTORY…] [OPTION…]

Says from access logs who read what and when last; and for each partner and system how often it was
answered live, from the cache and with what was last known, and for what it was refused. Reads files
of any number and size, .gz too.
The exit code is 1 where lines are bad or could not be written, so that the report is not complete.

  --from TIME              no request before this time (RFC 3339)
  --to TIME                none from this time on
  --partner BPNL           of this partner alone
  --config FILE            the configuration that names the directory where none is given, of which nothing
                           else is read; without it the embedded default
${JSON_USAGE}${HELP_USAGE}`

interface Request {
  readonly paths: readonly string[]
  readonly config: string
  readonly filter: Filter
  readonly json: boolean
}

interface Filter {
  readonly fromMs: number
  readonly toMs: number
  readonly partner: string | undefined
}

export const runReport = createCommand<Request>({ usage: USAGE, parse: parseRequest, work: report })

function parseRequest(args: readonly string[]): Request | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      partner: { type: 'string' },
      config: { type: 'string' },
      ...JSON_OUTPUT,
      ...HELP,
    },
    allowPositionals: true,
  })
  if (values.help) return 'help'
  const { from, to, partner, config = EMBEDDED_CONFIG_FILE, json } = values
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(time('--from', from))
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(time('--to', to))
  if (fromMs >= toMs) throw new UsageError('--to must be later than --from')
  return { paths: positionals, config, filter: { fromMs, toMs, partner }, json }
}

async function report({ paths, config, filter, json }: Request, io: CommandIo): Promise<Outcome> {
  const places = paths.length > 0 ? paths : [await directoryOf(config, io)]
  const files = await logFilesIn(places)
  // So that the log of another gateway, such as that of the embedded default, is not taken for the one that was meant.
  if (files.some(file => !places.includes(file)))
    io.stderr(printable(`Read ${counted(files.length, 'file')} of ${places.join(', ')}.\n`))
  const made = await reportOn(files, filter)
  io.stdout(json ? reportJson(made) : reportText(made, io.columns))
  const shortfall = shortfallText(made)
  if (shortfall === null) return 'done'
  io.stderr(printable(shortfall))
  return 'refused'
}

async function directoryOf(file: string, io: CommandIo): Promise<string> {
  const accessLog = await readAccessLogSection(file, io.env)
  if (accessLog === null)
    throw new CommandFailure(`${file}: has no section accessLog; name the files of the access log`)
  return accessLog.directory
}

/** Of bad lines and of gaps, so many are named. */
const MAX_NAMED = 20

async function reportOn(files: readonly string[], { fromMs, toMs, partner }: Filter): Promise<Report> {
  const tally = createTally()
  const gaps = { count: 0, missing: 0, first: [] as MissingLines[] }
  const badLines = { count: 0, first: [] as BadLine[] }
  const span = { requests: 0, firstMs: null as number | null, lastMs: null as number | null }

  for (const file of files)
    for await (const { number, text } of linesOf(file)) {
      const line = text === null ? null : parseLine(text)
      if (line === null) {
        badLines.count++
        if (badLines.first.length < MAX_NAMED) badLines.first.push({ file, line: number })
      } else if (line.kind === 'GAP' && line.timeMs >= fromMs && Date.parse(line.gap.since) < toMs) {
        gaps.count++
        gaps.missing += line.gap.missing
        if (gaps.first.length < MAX_NAMED) gaps.first.push(line.gap)
      } else if (line.kind === 'REQUEST') {
        const { timeMs } = line.entry
        if (timeMs < fromMs || timeMs >= toMs || (partner !== undefined && line.entry.partner !== partner)) continue
        span.requests++
        span.firstMs = Math.min(span.firstMs ?? timeMs, timeMs)
        span.lastMs = Math.max(span.lastMs ?? timeMs, timeMs)
        tally.add(line.entry)
      }
    }
  return { ...span, reads: tally.reads(), answers: tally.answers(), gaps, badLines }
}
