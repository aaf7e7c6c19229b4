"""A webhook is due until it was delivered or given up."""

from __future__ import annotations

REPORT = {"verdict": "real", "p_fake": 0.1}
HOOK = "https://example.org/hook"


def test_a_webhook_is_due_at_the_end_tried_again_and_given_up(submit, store, file, later):
    submit(file, webhook=HOOK)
    assert store.next_delivery(10) is None
    done = store.finish(store.claim("worker", 60), REPORT)
    for tries, wait in enumerate((30, 60, 1000)):
        delivery = store.next_delivery(10)
        assert (delivery.job, delivery.url, delivery.tries) == (done, HOOK, tries)
        assert store.next_delivery(10) is None  # another one has it
        store.delivered(delivery, ok=False)
        later(wait - 1)
        assert store.next_delivery(10) is None
        later(1)
    assert store.next_delivery(10) is None


def test_a_webhook_whose_sender_died_is_sent_by_another(submit, store, file, later):
    submit(file, webhook=HOOK)
    store.finish(store.claim("worker", 60), REPORT)
    assert store.next_delivery(10)
    later(11)
    delivery = store.next_delivery(10)
    store.delivered(delivery, ok=True)
    later(10_000)
    assert store.next_delivery(10) is None
