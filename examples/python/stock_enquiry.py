"""A retailer's stock enquiry: the parts of a service job in one question, each with where it can be promised.

    TOKEN=... python3 examples/python/stock_enquiry.py LR106259 LR453679
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Mapping

from gateway import Refused, from_environment

ENQUIRY = """
query StockEnquiry($partNumbers: [PartNumber!]!) {
  partAvailability(partNumbers: $partNumbers) {
    requestedPartNumber
    outcome
    part { description supersession { currentPartNumber } }
    lines {
      site { name }
      quantityAvailableToPromise { value unit }
      nextInboundOn
    }
    provenance { asOf origin }
  }
}
"""

Entry = Mapping[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Where parts can be promised.")
    parser.add_argument("part_numbers", nargs="+", metavar="PART", help="exactly as printed")
    options = parser.parse_args()
    try:
        answer = from_environment().ask(ENQUIRY, {"partNumbers": options.part_numbers})
    except (Refused, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    for note in answer.notes():
        print(note)
    # Null: parts logistics cannot be asked now, and the note says why.
    for entry in answer.data["partAvailability"] or []:
        show(entry)
    return 0


def show(entry: Entry) -> None:
    part = entry["part"]
    print(f"{entry['requestedPartNumber']}  {entry['outcome'] or 'not known now'}  {part['description'] if part else ''}")
    if part and part["supersession"]:
        print(f"  order {part['supersession']['currentPartNumber']} in its place")
    for line in entry["lines"] or []:
        promised = line["quantityAvailableToPromise"]
        more = f", more on {line['nextInboundOn']}" if line["nextInboundOn"] else ""
        print(f"  {promised['value']} {promised['unit']} at {line['site']['name']}{more}")


if __name__ == "__main__":
    sys.exit(main())
