"""What of a large suite runs among all the others: chosen by the commit, so that another one tries
others, and the same one the same again."""
import os
import subprocess

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def seed():
    """MATRIARCH_SEED, or a number of the commit's."""
    head = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "--short=8", "HEAD"], text=True,
                          capture_output=True).stdout.strip()
    return os.environ.get("MATRIARCH_SEED") or str(int(head or "1", 16))


def is_share():
    return bool(os.environ.get("MATRIARCH_SHARE"))
