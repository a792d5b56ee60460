"""People at the host, again and again: MATRIARCH_ACTS of them, over MATRIARCH_ACTS_OVER seconds."""
import os
import random

from harness.hands import Hands
from harness.scenario import (answers, deployed, eventually, expect, plan_finds_nothing, remember,
                              scenario, settled, unchanged)
from restores import live_in_it, rows
from share import seed


@scenario("whatever people do by hand, it must be as git says again, with all that it wrote",
          long=True)
def human_acts(it):
    it.step("the instance runs", deployed(), live_in_it, remember("rows", rows))
    hands = Hands(it, random.Random(seed()))
    it.step("people are at the host", lambda it: hands.act(
        int(os.environ.get("MATRIARCH_ACTS", "12")),
        float(os.environ.get("MATRIARCH_ACTS_OVER", "0"))))
    print("        seed %s: %s" % (seed(), hands.words()), flush=True)
    it.step("it is as git says", eventually(settled(), 30), answers("4.5.0"), plan_finds_nothing)
    it.step("no data was touched", unchanged("rows", rows), lambda it: expect(
        not hands.touched(), "touched: " + ", ".join(hands.touched())))
    it.step("no request was lost but by an act", lambda it: expect(
        not hands.failed()[1], "%d besides: %s" % (hands.failed()[1], hands.load.failures[:10])))
