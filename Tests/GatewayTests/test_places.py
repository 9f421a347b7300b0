# SPDX-License-Identifier: Apache-2.0
"""Places at the door: strangers take them from strangers, and one node not from another."""

import time

import pytest

import crowd
from door import ask, until

NODES = [f"node-{number}.test" for number in range(5)]


@pytest.fixture(name="full", scope="module")
def door_with_five_nodes(new_door):
    door = new_door()
    door.provision(nodes=NODES)
    return door


def answered(door, context):
    """Whether a node that comes now is answered."""
    try:
        return door.get("/v1/status", context)[0] == 200
    except OSError:
        return False


def test_SRS_190_a_crowd_of_strangers_gives_place_to_a_node(full):
    own = full.node(NODES[0])
    silent, refused = crowd.arrive(full.port, 500)
    try:
        assert refused == 0
        until(lambda: crowd.ended(silent) >= 500 - 64, "the oldest strangers to be sent away")
        assert crowd.ended(silent) <= 500
        # While 64 of them hold their places, a node comes in at once, ten times.
        assert [answered(full, own) for _ in range(10)] == [True] * 10
    finally:
        for peer in silent:
            peer.close()


def test_SRS_190_a_node_has_sixteen_connections_and_all_have_sixty_four(full):
    held = []
    try:
        for name in NODES[:4]:
            context = full.node(name)
            held += [full.tls(context) for _ in range(16)]
            assert [ask(tls, "/v1/device")[0] for tls in held[-16:]] == [200] * 16
            assert full.refuses(context)
            if name == NODES[0]:
                assert answered(full, full.node(NODES[4]))
        assert full.refuses(full.node(NODES[4]))
        # Strangers do not reach those who are in.
        silent, _ = crowd.arrive(full.port, 300)
        time.sleep(1)
        assert [ask(tls, "/v1/device")[0] for tls in held] == [200] * 64
        for peer in silent:
            peer.close()
    finally:
        for tls in held:
            tls.close()
    until(lambda: answered(full, full.node(NODES[4])), "a place")
