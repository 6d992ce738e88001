"""A supplier's report: every invoice with an open amount, what is owed in all, and when the backlog should be cleared.

    TOKEN=... python3 examples/python/unpaid_invoices.py [--csv FILE]
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any, Mapping

from gateway import Gateway, Refused, from_environment

POSITION = """
query Position {
  supplierPosition {
    overdue { amount currency }
    expectedBacklogClearDate
    provenance { asOf origin gapFrom gapUntil }
  }
}
"""

UNPAID = """
query UnpaidInvoices($after: String) {
  supplierInvoices(first: 200, after: $after) {
    edges {
      node {
        supplierInvoiceReference
        type
        documentDate
        netDueDate
        status
        openAmount { amount currency }
        expectedPaymentDate
        provenance { asOf }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

Invoice = Mapping[str, Any]
COLUMNS = ("invoice", "type", "dated", "due", "status", "open", "currency", "expected", "asOf")


def main() -> int:
    parser = argparse.ArgumentParser(description="Unpaid invoices, and when they should be paid.")
    parser.add_argument("--csv", metavar="FILE", help="write all of them to a file as well")
    options = parser.parse_args()
    gateway = from_environment()
    try:
        show_position(gateway)
        invoices = unpaid(gateway)
    except (Refused, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    show(invoices)
    if options.csv:
        write_csv(options.csv, invoices)
    return 0


def show_position(gateway: Gateway) -> None:
    answer = gateway.ask(POSITION)
    for note in answer.notes():
        print(note)
    position = answer.data["supplierPosition"]
    if position is None:
        return
    provenance = position["provenance"]
    print(f"As of {provenance['asOf']}.")
    if provenance["gapFrom"]:
        print(f"What was entered from {provenance['gapFrom']} to {provenance['gapUntil']} may be missing.")
    for money in position["overdue"]:
        print(f"Overdue: {money['amount']} {money['currency']}")
    print(f"The backlog should be cleared by {position['expectedBacklogClearDate'] or 'a date that is not known yet'}.")


def unpaid(gateway: Gateway) -> list[Invoice]:
    """By what is open and not by status: one that is added to the API would be missing from a list of statuses."""
    found: list[Invoice] = []
    for answer in gateway.pages(UNPAID, "supplierInvoices"):
        page = answer.data["supplierInvoices"]
        if page is None:
            # Half a list would look like less to be paid.
            raise Refused(200, answer.errors, answer.errors[0]["extensions"]["requestId"])
        nodes = (edge["node"] for edge in page["edges"])
        found += [node for node in nodes if Decimal(node["openAmount"]["amount"]) != 0]
    return found


def show(invoices: list[Invoice]) -> None:
    print(f"\n{len(invoices)} invoices are not paid; the ten that were due first:\n")
    undated = "9999-12-31"
    for invoice in sorted(invoices, key=lambda each: each["netDueDate"] or undated)[:10]:
        row = dict(zip(COLUMNS, row_of(invoice)))
        print(f"{row['invoice']:<12} due {row['due']:<10} {row['status']:<22} {row['open']:>12} {row['currency']}")
    print()
    for currency, amount in sorted(totals_of(invoices).items()):
        print(f"Open in all: {amount} {currency}")


def totals_of(invoices: list[Invoice]) -> Mapping[str, Decimal]:
    """Amounts come as text so that no digit is lost: `Decimal`, never `float`. Those of credit notes are negative."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        money = invoice["openAmount"]
        totals[money["currency"]] += Decimal(money["amount"])
    return totals


def row_of(invoice: Invoice) -> tuple[str, ...]:
    money = invoice["openAmount"]
    return (
        invoice["supplierInvoiceReference"],
        invoice["type"],
        invoice["documentDate"],
        invoice["netDueDate"] or "",
        invoice["status"],
        money["amount"],
        money["currency"],
        invoice["expectedPaymentDate"] or "",
        invoice["provenance"]["asOf"],
    )


def write_csv(file: str, invoices: list[Invoice]) -> None:
    with open(file, "w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        writer.writerows(row_of(invoice) for invoice in invoices)


if __name__ == "__main__":
    sys.exit(main())
