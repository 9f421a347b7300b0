# SPDX-License-Identifier: Apache-2.0
"""What schemathesis does not know of the gateway."""

import schemathesis


@schemathesis.hook
def map_case(context, case):  # pylint: disable=unused-argument
    """A stream of events has no end: it asks for what there is."""
    if case.operation.path == "/v1/events" and case.query.get("follow") in (None, True, "true"):
        case.query["follow"] = "false"
    return case


@schemathesis.hook
def map_body(context, body):  # pylint: disable=unused-argument
    """JSON Schema counts 1.0 as an integer; the pump takes whole numbers alone, as the contract says in words."""
    if isinstance(body, dict):
        return {key: int(value) if isinstance(value, float) and value.is_integer() else value
                for key, value in body.items()}
    return body
