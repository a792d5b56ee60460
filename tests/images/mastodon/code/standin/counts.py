"""`standin counts`: the sums tests ask for, as JSON. Jobs: done, doubled, waiting, missing (posted, but
neither done nor waiting; jobs being done at this moment count as missing too). Schedulers: how many ran at
once at the worst moment, from the intervals in Redis; one that was killed ends with its last heartbeat."""

import json

from . import stores


def jobs(cursor):
    cursor.execute("SELECT count(*), count(DISTINCT jid) FROM standin_jobs")
    done, distinct = cursor.fetchone()
    cursor.execute("SELECT count(*) FROM statuses")
    return cursor.fetchone()[0], done, distinct


def schedulers(redis):
    found = []
    for identity in redis.lrange("standin:schedulers", 0, -1):
        raw = redis.hgetall(b"standin:scheduler:" + identity)
        fields = {key.decode(): value.decode() for key, value in raw.items()}
        if "start" in fields:
            end = float(fields.get("quiet") or fields.get("stop") or fields["beat"])
            found.append({
                "id": identity.decode(), "version": fields["version"], "start": float(fields["start"]),
                "end": end, "ended": "quiet" in fields or "stop" in fields,
            })
    return found


def most_at_once(intervals):
    """Ends sort before starts at the same moment."""
    edges = sorted([(one["end"], -1) for one in intervals] + [(one["start"], 1) for one in intervals])
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def main(words):
    if words != ["counts"]:
        print("usage: standin counts")
        return 1
    connection, redis = stores.connect(), stores.connect_redis("SIDEKIQ_")
    with connection.cursor() as cursor:
        statuses, done, distinct = jobs(cursor)
    waiting = sum(redis.llen(b"queue:" + name) for name in redis.smembers("queues"))
    retrying = redis.zcard("retry")
    intervals = schedulers(redis)
    print(json.dumps({
        "statuses": statuses, "jobs_done": done, "jobs_doubled": done - distinct, "jobs_waiting": waiting,
        "jobs_retrying": retrying, "jobs_missing": statuses - distinct - waiting - retrying,
        "schedulers_max": most_at_once(intervals), "schedulers": intervals,
    }, indent=1))
    return 0
