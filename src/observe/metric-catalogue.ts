/**
 * All metrics of the gateway: what each one says, and by which labels it is told apart. Called by whoever writes them out,
 * for their lines of help. Names are as in the code; outside each has `recovery_gateway_` in front, and a counter `_total`
 * behind. Tests hold it to the code, to `docs/metrics.md`, and to the rules and the dashboard under `deploy/`.
 */

export type MetricType = 'counter' | 'gauge' | 'histogram'

export interface MetricEntry {
  readonly name: string
  readonly type: MetricType
  readonly labels: readonly string[]
  /** One sentence without its full stop; of one line, without a backslash. */
  readonly help: string
}

type Row = readonly [name: string, labels: string, help: string]

const entries = (type: MetricType, rows: readonly Row[]): readonly MetricEntry[] =>
  rows.map(([name, labels, help]) => ({ name, type, labels: labels === '' ? [] : labels.split(' '), help }))

export const METRICS: readonly MetricEntry[] = [
  ...entries('histogram', [
    [
      'request_duration_seconds',
      'operation role answer',
      'Time from the first byte of a request to the last of its answer',
    ],
    ['upstream_read_duration_seconds', 'system relation outcome', 'Time that one read of a restored system took'],
  ]),
  ...entries('counter', [
    [
      'request_errors',
      'operation role code',
      'Requests refused or answered with errors, by error code; one with two codes counts for each',
    ],
    ['response_cache_lookups', 'outcome', 'Questions looked up in the response cache'],
    ['field_cache_lookups', 'field outcome', 'Fields looked up in the field cache'],
    ['cache_evictions', 'cache reason', 'Entries that left a cache, for room or because their time was over'],
    ['warm_up_questions', 'outcome', 'Questions that the gateway asked itself after an opening'],
    ['shield_refusals', 'system reason', 'Reads that were not begun, so that a system is not asked more than it can'],
    ['shield_retries', 'system', 'Second attempts of a read'],
    ['breaker_changes', 'system to', 'Openings and closings of the breaker of a system'],
    ['rows_dropped', 'system relation reason', 'Rows of a restored system that were not passed on'],
    ['extracts_refused', 'system', 'Extracts that were refused'],
    ['extracts_reader_deaths', 'system', 'Threads reading extracts that died'],
    ['odata_requests', 'system status', 'Answers of OData services, by class of status'],
    ['known_tokens', 'outcome', 'Tokens that were known from before, and that were not'],
    ['issuer_key_fetches', 'outcome', 'Fetches of the keys of the identity provider'],
    ['dpop_proofs', 'outcome', 'Proofs of possession (RFC 9449), by what became of them'],
    ['untrusted_documents', 'outcome', 'Operations asked by documents that are not trusted'],
    ['unusable_trusted_documents', '', 'Trusted documents that cannot be asked and are not trusted'],
    ['access_log_lines', '', 'Lines written to the access log'],
    ['access_log_lines_missing', '', 'Lines that could not be written, nothing being answered meanwhile'],
    ['shared_store_reads', 'outcome', 'Texts looked up in the shared store'],
    ['shared_store_failures', 'operation reason', 'Commands to the shared store that failed'],
    ['shared_store_unshared', 'kind reason', 'Texts that were not put into the shared store'],
    ['shared_store_damaged', 'kind', 'Texts of the shared store that could not be read'],
    ['last_known_good_writes', 'outcome', 'Reads to be kept as last-known-good, by what became of them'],
    ['last_known_good_finds', 'outcome', 'Reads looked up in last-known-good, because a system could not answer'],
    ['last_known_good_failures', 'operation reason', 'Calls to the store of last-known-good that failed'],
    ['system_epoch_changes', 'system', 'New epochs of a system: each makes all unreachable that was cached before'],
    ['trace_spans', 'outcome', 'Spans handed to the collector, failed there, or dropped for want of room'],
    ['shed_requests', 'what', 'Requests refused for load: of unknown senders, and of what had to be executed'],
    ['partner_refusals', 'reason', 'Operations refused because a partner had spent its budget, or its places'],
    ['webhook_deliveries', 'endpoint outcome', 'Attempts to deliver a webhook, by what became of them'],
    ['cpu_seconds', '', 'Processor time of the process'],
    ['reloads', 'outcome', 'Configurations taken up again, and refused'],
    ['worker_restarts', '', 'Workers started in the place of one that died'],
  ]),
  ...entries('gauge', [
    ['ready', '', '1 while the instance can answer anything at all'],
    ['system_lifecycle', 'system lifecycle', "The lifecycle's place in the order of SystemLifecycle, from 0"],
    ['system_serving', 'system', 'Whom a system answers: 0 nobody, 1 some waves of partners, 2 all'],
    [
      'system_suspension',
      'system cause',
      '1 while a system is suspended for this cause; ORDERED is by people, any other by itself',
    ],
    ['system_failing', 'system', '1 where the last reading of a system failed'],
    ['system_warning', 'system', '1 where newer data of a system cannot be used'],
    ['system_concurrency_limit', 'system', 'Reads of a system that its shield grants at once now'],
    ['system_concurrency_cap', 'system', 'The same at the end of its ramp, as configured'],
    ['system_calls_per_second_limit', 'system', 'Calls a second that its shield grants now'],
    ['system_calls_in_flight', 'system', 'Calls of a system under way'],
    ['system_reads_waiting', 'system', 'Reads that wait for their turn'],
    ['system_breaker_open', 'system', '1 while the breaker of a system lets through nothing but probes'],
    ['system_retries_left', 'system', 'Second attempts that its budget still allows'],
    [
      'evidence_seconds_left',
      'system',
      'Until the evidence of a system lapses and it is closed; missing where there is none',
    ],
    ['journal_sequence', '', 'The last entry of the journal that is folded in'],
    ['journal_silence_seconds', '', 'Since the journal was last read'],
    ['journal_condition', 'condition', '1 for the condition that the journal is in'],
    [
      'journal_uncovered_seconds',
      '',
      'Since the oldest entry was read that no exported checkpoint covers; 0: all are covered',
    ],
    ['issuer_keys_usable', '', '1 while tokens can be verified'],
    ['issuer_reachable', '', '1 while the identity provider gives its keys'],
    ['issuer_keys_age_seconds', '', 'Since its keys were last fetched'],
    ['access_log_failing', '', '1 while no line can be written to the access log, and nothing is answered'],
    ['shared_store_reachable', '', '1 while the shared store answers'],
    ['webhooks_waiting', 'endpoint', 'Webhooks that wait to be delivered'],
    ['webhooks_oldest_seconds', 'endpoint', 'Since the oldest of them was queued; 0: none waits'],
    ['webhooks_dead', 'endpoint', 'Webhooks that were given up'],
    ['webhooks_disabled', 'endpoint', '1 while a receiver of webhooks wants no more of them'],
    ['rate_limited_partners', '', 'Partners that were refused with RATE_LIMITED in the last five minutes'],
    [
      'event_loop_delay_p99_seconds',
      '',
      'How late the event loop was in the last half minute, but for one turn in a hundred',
    ],
    ['event_loop_delay_max_seconds', '', 'How late the event loop was at worst in the last half minute'],
    [
      'load_pressure',
      '',
      'Overload: 0 none, to 1 the share of unknown senders that is refused, to 2 also of executions, for memory',
    ],
    ['executions_in_flight', '', 'Operations that are being executed'],
    ['memory_resident_bytes', '', 'Resident memory of the process'],
    ['memory_heap_used_bytes', '', 'Memory of its JavaScript objects'],
    ['memory_heap_left_bytes', '', 'What of it the last full collection of garbage left: what is really in use'],
    ['memory_bound_bytes', '', 'Most that it should take with its configuration'],
    ['start_time_seconds', '', 'When the process started, in seconds since 1970'],
    ['build_info', 'version node', '1, with the version of the gateway and of Node.js'],
    ['workers', 'state', 'Worker processes in this state'],
  ]),
]

const BY_NAME: ReadonlyMap<string, MetricEntry> = new Map(METRICS.map(entry => [entry.name, entry]))

export function helpOf(name: string): string | undefined {
  return BY_NAME.get(name)?.help
}
