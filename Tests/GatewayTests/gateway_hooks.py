# SPDX-License-Identifier: Apache-2.0
"""What schemathesis does not know of the gateway."""

import os

import requests
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


@schemathesis.hook
def before_call(context, case, kwargs):  # pylint: disable=unused-argument
    """The first three are those who ask: the fourth is changed."""
    if case.path_parameters and str(case.path_parameters.get("number")) in ("1", "2", "3"):
        case.path_parameters["number"] = 4


class Session:
    """A person's session, whose secret was just given again."""

    login = ""

    def get(self, case, context):  # pylint: disable=unused-argument
        with requests.Session() as peer:
            peer.cert = (os.environ["PUMP_CERTIFICATE"], os.environ["PUMP_KEY"])
            peer.verify = os.environ["PUMP_AUTHORITY"]
            url, secret = os.environ["PUMP_URL"], os.environ["PUMP_PASSWORD"]
            begun = peer.post(f"{url}/v1/session", json={"login": self.login, "secret": secret}, timeout=20)
            again = peer.post(f"{url}/v1/session/step-up", json={"secret": secret}, timeout=20,
                              headers={"Authorization": f"Bearer {begun.json()['session']}"})
            return again.json()["session"]

    def set(self, case, data, context):  # pylint: disable=unused-argument
        case.headers = dict(case.headers or {}, Authorization=f"Bearer {data}")


@schemathesis.auth(refresh_interval=60).apply_to(path_regex="^/v1/people")
class Administrator(Session):
    login = "root-person"


@schemathesis.auth(refresh_interval=60).apply_to(path="/v1/session", method=["GET", "DELETE"])
class Visitor(Session):
    login = "visitor"


@schemathesis.auth(refresh_interval=60).apply_to(path_regex="^/v1/audit")
class Inspector(Session):
    login = "visitor"


@schemathesis.auth(refresh_interval=60).apply_to(path="/v1/update/intake", method=["POST"])
class Technician(Session):
    login = "technician"


# Wrong secrets are what is tried here, so this person cannot sign in again for a while, and need not.
@schemathesis.auth(refresh_interval=3_600, retry_on=[]).apply_to(path="/v1/session/step-up")
class Guesser(Session):
    login = "guesser"
