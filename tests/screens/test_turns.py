"""Drawing takes turns: one thread at a time, what began first before what came later."""

from __future__ import annotations

import threading

from screens.turns import Turns


def waiting(turns: Turns, number: int, done: list[int]) -> threading.Thread:
    """A thread that wants the turn and notes when it had it; returns once it stands in the row."""
    ready = threading.Event()

    def want() -> None:
        ready.set()
        with turns.turn(number):
            done.append(number)

    thread = threading.Thread(target=want)
    before = turns.waiting
    thread.start()
    ready.wait(10)
    while turns.waiting == before:
        threading.Event().wait(0.001)
    return thread


def test_what_began_first_comes_first_whoever_asked_first() -> None:
    turns, done = Turns(), list[int]()
    with turns.turn(1):
        threads = [waiting(turns, number, done) for number in (9, 3, 7, 3, 2)]
    for thread in threads:
        thread.join(10)
    assert done == [2, 3, 3, 7, 9]
    assert turns.waiting == 0


def test_a_drawing_inside_a_drawing_needs_no_turn_of_its_own() -> None:
    turns, done = Turns(), list[int]()
    with turns.turn(5):
        other = waiting(turns, 1, done)
        with turns.turn(5):
            assert done == []
        assert done == []
    other.join(10)
    assert done == [1]


def test_one_thread_at_a_time_and_none_is_forgotten() -> None:
    turns, inside, most, done = Turns(), 0, 0, list[int]()

    def draw(number: int) -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.turn(number):
                inside += 1
                most = max(most, inside)
                done.append(number)
                inside -= 1

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 1
    assert len(done) == 12 * 50


def test_a_drawing_that_fails_gives_its_turn_on() -> None:
    turns, done = Turns(), list[int]()
    try:
        with turns.turn(1):
            other = waiting(turns, 2, done)
            raise ValueError
    except ValueError:
        other.join(10)
    assert done == [2]
