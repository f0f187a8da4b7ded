"""Connections cut, stalled and delayed at every message, and the graph compared with that of an undisturbed run."""

from __future__ import annotations

import random
from collections.abc import Callable

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from tests.support.known_sessions import is_there, whole_graph, wipe, write_known
from tests.support.proxy import Fault, Proxy, Where

TAGS = ("BEGIN", "RUN", "PULL", "COMMIT", "COMMIT", "COMMIT", "RESET", "HELLO", "LOGON")
PLACES: tuple[Where, ...] = ("before", "after", "reply lost", "half a reply", "stalled", "late")


def test_no_cut_loses_or_doubles_anything(
    proxied: str,
    url: str,
    proxy: Proxy,
    driver: neo4j.Driver,
    rounds: Callable[[int, int], int],
    chance: random.Random,
    say: Callable[[str], None],
) -> None:
    wanted = rounds(25, 1_200)
    db = RelationalLineaDB(proxied)
    names: list[str] = []
    while proxy.cuts < wanted:
        name = f"session {len(names)}"
        names.append(name)
        # A second fault may hit the retry.
        for _ in range(chance.choice((1, 1, 2))):
            proxy.arm(Fault(chance.choice(TAGS), chance.choice(PLACES), chance.randint(1, 6), 0.02))
        write_known(db, name, shared_name=f"model {len(names) % 3}")
        if chance.random() < 0.3:
            assert is_there(db, name)
        db.commit()
        if chance.random() < 0.1:
            # An idle connection, cut while nobody looks.
            proxy.go_away()
            proxy.come_back()
    proxy.arm(None)
    db.close()
    disturbed = whole_graph(driver)
    wipe(driver)
    direct = RelationalLineaDB(url)
    for number, name in enumerate(names, 1):
        write_known(direct, name, shared_name=f"model {number % 3}")
        direct.commit()
    direct.close()
    assert disturbed == whole_graph(driver)
    say(f"{proxy.cuts:,} cuts in {len(names):,} commits; {len(disturbed):,} nodes and relationships as they should be")


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("tag", ["BEGIN", "RUN", "PULL", "COMMIT"])
def test_each_message_cut_once(proxied: str, proxy: Proxy, tag: str, where: Where, other: RelationalLineaDB) -> None:
    db = RelationalLineaDB(proxied)
    proxy.arm(Fault(tag, where, delay=0.05))
    write_known(db, "session", shared_name="model")
    db.commit()
    assert not proxy.is_armed
    db.close()
    assert is_there(other, "session")
    assert [(a.name, a.version) for a in other.get_all_artifacts()] == [("session", 0), ("model", 0)]


def test_readers_are_answered_through_cuts(
    proxied: str, url: str, proxy: Proxy, rounds: Callable[[int, int], int], chance: random.Random
) -> None:
    direct = RelationalLineaDB(url)
    write_known(direct, "session")
    direct.close()
    db = RelationalLineaDB(proxied)
    db.store.settings.read_cache_size = 0
    for _ in range(rounds(8, 200)):
        proxy.arm(Fault(chance.choice(("RUN", "PULL", "HELLO")), chance.choice(PLACES), 1, 0.02))
        assert is_there(db, "session")
    proxy.arm(None)
    db.close()
