/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query NextBuild($vin: VIN!) {\n  vehicleBuild(vin: $vin) {\n    status\n    estimatedTimeOfCompletion\n  }\n  viewer {\n    openSystems\n  }\n}": typeof types.NextBuildDocument,
    "query PartsEnquiry($partNumbers: [PartNumber!]!) {\n  partAvailability(partNumbers: $partNumbers) {\n    requestedPartNumber\n    outcome\n    part {\n      description\n      supersession {\n        currentPartNumber\n      }\n    }\n    lines {\n      site {\n        name\n      }\n      quantityAvailableToPromise {\n        value\n        unit\n      }\n    }\n    provenance {\n      asOf\n      origin\n    }\n  }\n}": typeof types.PartsEnquiryDocument,
    "query Restart {\n  restartStatus {\n    headline\n    phase\n    nextUpdateBy\n    systems {\n      key\n      name\n      lifecycle\n      answersViewer\n      provenance {\n        asOf\n        gapFrom\n        gapUntil\n      }\n    }\n    plannedReopenings {\n      system\n      status\n      scheduledFor\n      conditions\n    }\n  }\n}": typeof types.RestartDocument,
};
const documents: Documents = {
    "query NextBuild($vin: VIN!) {\n  vehicleBuild(vin: $vin) {\n    status\n    estimatedTimeOfCompletion\n  }\n  viewer {\n    openSystems\n  }\n}": types.NextBuildDocument,
    "query PartsEnquiry($partNumbers: [PartNumber!]!) {\n  partAvailability(partNumbers: $partNumbers) {\n    requestedPartNumber\n    outcome\n    part {\n      description\n      supersession {\n        currentPartNumber\n      }\n    }\n    lines {\n      site {\n        name\n      }\n      quantityAvailableToPromise {\n        value\n        unit\n      }\n    }\n    provenance {\n      asOf\n      origin\n    }\n  }\n}": types.PartsEnquiryDocument,
    "query Restart {\n  restartStatus {\n    headline\n    phase\n    nextUpdateBy\n    systems {\n      key\n      name\n      lifecycle\n      answersViewer\n      provenance {\n        asOf\n        gapFrom\n        gapUntil\n      }\n    }\n    plannedReopenings {\n      system\n      status\n      scheduledFor\n      conditions\n    }\n  }\n}": types.RestartDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query NextBuild($vin: VIN!) {\n  vehicleBuild(vin: $vin) {\n    status\n    estimatedTimeOfCompletion\n  }\n  viewer {\n    openSystems\n  }\n}"): (typeof documents)["query NextBuild($vin: VIN!) {\n  vehicleBuild(vin: $vin) {\n    status\n    estimatedTimeOfCompletion\n  }\n  viewer {\n    openSystems\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query PartsEnquiry($partNumbers: [PartNumber!]!) {\n  partAvailability(partNumbers: $partNumbers) {\n    requestedPartNumber\n    outcome\n    part {\n      description\n      supersession {\n        currentPartNumber\n      }\n    }\n    lines {\n      site {\n        name\n      }\n      quantityAvailableToPromise {\n        value\n        unit\n      }\n    }\n    provenance {\n      asOf\n      origin\n    }\n  }\n}"): (typeof documents)["query PartsEnquiry($partNumbers: [PartNumber!]!) {\n  partAvailability(partNumbers: $partNumbers) {\n    requestedPartNumber\n    outcome\n    part {\n      description\n      supersession {\n        currentPartNumber\n      }\n    }\n    lines {\n      site {\n        name\n      }\n      quantityAvailableToPromise {\n        value\n        unit\n      }\n    }\n    provenance {\n      asOf\n      origin\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Restart {\n  restartStatus {\n    headline\n    phase\n    nextUpdateBy\n    systems {\n      key\n      name\n      lifecycle\n      answersViewer\n      provenance {\n        asOf\n        gapFrom\n        gapUntil\n      }\n    }\n    plannedReopenings {\n      system\n      status\n      scheduledFor\n      conditions\n    }\n  }\n}"): (typeof documents)["query Restart {\n  restartStatus {\n    headline\n    phase\n    nextUpdateBy\n    systems {\n      key\n      name\n      lifecycle\n      answersViewer\n      provenance {\n        asOf\n        gapFrom\n        gapUntil\n      }\n    }\n    plannedReopenings {\n      system\n      status\n      scheduledFor\n      conditions\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;