# SPDX-License-Identifier: Apache-2.0
"""Cycles that began late, by the audit log, and when more of them are no chance."""

import math


def late(log):
    """Cycles that controller and monitor began late, of this life of theirs: each record tells the count so far."""
    return sum({record["source"]: record.get("b", 0) for record in log if record["event"] == "cycleMissed"}.values())


def may_be_chance(calm, loaded):
    """Whether a count of the same time may be so much higher; chance alone is beyond it once in some thousand runs."""
    return loaded <= calm + 3 * math.sqrt(2 * calm + 1)
