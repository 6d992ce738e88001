/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Availability of a part over the sites that serve the caller. */
export type AvailabilityOutcome =
  /** Can be promised at every site that stocks it. */
  | 'AVAILABLE'
  /** Stocked, but nothing can be promised now. */
  | 'BACKORDER'
  /** No site that serves the caller stocks it. */
  | 'NOT_STOCKED'
  /** Can be promised at some of the sites that stock it. */
  | 'PARTLY_AVAILABLE'
  /**
   * Replaced, and none of the old stock can be promised, or it may not be used up: ask for the current part number, in
   * `part.supersession.currentPartNumber`.
   */
  | 'SUPERSEDED'
  /** No such part number. */
  | 'UNKNOWN_PART';

/** Where data comes from. */
export type DataOrigin =
  /** The system could not answer; this is what it last said. See `asOf`. */
  | 'LAST_KNOWN_GOOD'
  /** The system answered. */
  | 'SYSTEM';

/** How far a planned reopening has come. */
export type PlannedReopeningStatus =
  /** Opened. */
  | 'COMPLETED'
  /** Work goes on. */
  | 'IN_PROGRESS'
  /** Announced, not begun. */
  | 'SCHEDULED'
  /** Work is done and being checked. */
  | 'VERIFYING'
  /** Will not happen as announced. */
  | 'WITHDRAWN';

/** Phases of the recovery, in order. */
export type RestartPhase =
  /** The intrusion is being contained and removed. */
  | 'CONTAINMENT_AND_ERADICATION'
  /** Its course is being established, and systems are restored from clean backups. */
  | 'FORENSICS_AND_RESTORATION'
  /** The recovery has been declared ended. */
  | 'RECOVERY_DECLARED_ENDED'
  /** Restored systems are opened step by step, and backlogs are cleared. */
  | 'RESILIENCE_AND_RECOVERY';

/** How firm a plan is, then how far it has come. */
export type ScheduleStatus =
  /** Will not be built. */
  | 'CANCELLED'
  /** Built. */
  | 'COMPLETED'
  /** Will not change without notice. */
  | 'FIRMED'
  /** Is being built. */
  | 'IN_PRODUCTION'
  /** May still change. */
  | 'PLANNED'
  /** Released to production. */
  | 'RELEASED';

/** The systems that come back one at a time. */
export type SystemKey =
  /** Parts catalogue, stock, availability, parts orders and deliveries. */
  | 'PARTS_LOGISTICS'
  /** Production lines and their schedule, material demand, vehicle builds. */
  | 'PRODUCTION_SCHEDULE'
  /** Supplier invoices and payments; vehicle wholesales and their funding. */
  | 'WHOLESALE_FINANCE';

/** States of a restored system on its way back, in order; SUSPENDED can follow VERIFIED and all of those that serve. */
export type SystemLifecycle =
  /** The intrusion is contained; a clean backup may be restored. */
  | 'CLEARED_FOR_RESTORE'
  /** Cut off; nothing is restored yet. */
  | 'ISOLATED'
  /** Answers the first waves of partners. */
  | 'LIMITED_OPEN'
  /** The end of its recovery has been declared. */
  | 'NORMAL_OPERATION'
  /** Answers every partner that holds the scopes. */
  | 'OPEN'
  /** Restored, and reachable by checks only. */
  | 'QUARANTINED'
  /** The backup is being restored. */
  | 'RESTORING'
  /** Closed again, by a person or by the gateway itself. */
  | 'SUSPENDED'
  /** Checked and attested to be clean; not open yet. */
  | 'VERIFIED';

export type NextBuildQueryVariables = Exact<{
  vin: string;
}>;


export type NextBuildQuery = { readonly __typename: 'Query', readonly vehicleBuild: { readonly __typename: 'VehicleBuild', readonly status: ScheduleStatus, readonly estimatedTimeOfCompletion: string | null } | null, readonly viewer: { readonly __typename: 'Viewer', readonly openSystems: ReadonlyArray<SystemKey> } };

export type PartsEnquiryQueryVariables = Exact<{
  partNumbers: ReadonlyArray<string> | string;
}>;


export type PartsEnquiryQuery = { readonly __typename: 'Query', readonly partAvailability: ReadonlyArray<{ readonly __typename: 'PartAvailability', readonly requestedPartNumber: string, readonly outcome: AvailabilityOutcome | null, readonly part: { readonly __typename: 'Part', readonly description: string, readonly supersession: { readonly __typename: 'Supersession', readonly currentPartNumber: string } | null } | null, readonly lines: ReadonlyArray<{ readonly __typename: 'PartAvailabilityLine', readonly site: { readonly __typename: 'Site', readonly name: string }, readonly quantityAvailableToPromise: { readonly __typename: 'Quantity', readonly value: string, readonly unit: string } }> | null, readonly provenance: { readonly __typename: 'DataProvenance', readonly asOf: string, readonly origin: DataOrigin } | null }> | null };

export type RestartQueryVariables = Exact<{ [key: string]: never; }>;


export type RestartQuery = { readonly __typename: 'Query', readonly restartStatus: { readonly __typename: 'RestartStatus', readonly headline: string, readonly phase: RestartPhase, readonly nextUpdateBy: string | null, readonly systems: ReadonlyArray<{ readonly __typename: 'RestoredSystem', readonly key: SystemKey, readonly name: string, readonly lifecycle: SystemLifecycle, readonly answersViewer: boolean, readonly provenance: { readonly __typename: 'DataProvenance', readonly asOf: string, readonly gapFrom: string | null, readonly gapUntil: string | null } | null }>, readonly plannedReopenings: ReadonlyArray<{ readonly __typename: 'PlannedReopening', readonly system: SystemKey | null, readonly status: PlannedReopeningStatus, readonly scheduledFor: string, readonly conditions: string }> } };


export const NextBuildDocument = {"__meta__":{"hash":"sha256:f5ef5ed5fdc41bd8b4fb76cdfcaac8a1b2370fbb8ce150618941d1d5f100e543"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"NextBuild"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"vin"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"VIN"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"vehicleBuild"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"vin"},"value":{"kind":"Variable","name":{"kind":"Name","value":"vin"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"estimatedTimeOfCompletion"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"openSystems"}}]}}]}}]} as unknown as DocumentNode<NextBuildQuery, NextBuildQueryVariables>;
export const PartsEnquiryDocument = {"__meta__":{"hash":"sha256:88360f9c2e385322fc521120c5b9b848f40b78992a1dbf4b5f9611d62452ae3c"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PartsEnquiry"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partNumbers"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PartNumber"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"partAvailability"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"partNumbers"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partNumbers"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"requestedPartNumber"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"part"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"supersession"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"currentPartNumber"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"site"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"quantityAvailableToPromise"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"unit"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"provenance"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"origin"}}]}}]}}]}}]} as unknown as DocumentNode<PartsEnquiryQuery, PartsEnquiryQueryVariables>;
export const RestartDocument = {"__meta__":{"hash":"sha256:14b580b59906a3c8cc6f67d4e518230eed036ecd0c04ddad7d0d8594169b8d5e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Restart"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"restartStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"headline"}},{"kind":"Field","name":{"kind":"Name","value":"phase"}},{"kind":"Field","name":{"kind":"Name","value":"nextUpdateBy"}},{"kind":"Field","name":{"kind":"Name","value":"systems"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"lifecycle"}},{"kind":"Field","name":{"kind":"Name","value":"answersViewer"}},{"kind":"Field","name":{"kind":"Name","value":"provenance"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"gapFrom"}},{"kind":"Field","name":{"kind":"Name","value":"gapUntil"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"plannedReopenings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"system"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"scheduledFor"}},{"kind":"Field","name":{"kind":"Name","value":"conditions"}}]}}]}}]}}]} as unknown as DocumentNode<RestartQuery, RestartQueryVariables>;