"""`standin counts`: the sums tests ask for, as JSON. Jobs are compared by their ids: enqueued (said by Redis
in one step with the push), done (a row each), waiting, retrying. A job being done at this moment counts as
missing: ask when nothing is busy. Schedulers: how many ran at once at the worst moment, from the intervals in
Redis; one that was killed ends a beat after its last one, for it may have lived until then.
`standin jobs`: each job that was done, by its id, and how often."""

import json

from . import presence, stores


def done(cursor):
    cursor.execute("SELECT jid, count(*) FROM standin_jobs GROUP BY jid")
    return dict(cursor.fetchall())


def jobs(cursor, redis):
    # In the order in which a job moves on, so that none is between two looks.
    cursor.execute("SELECT count(*) FROM statuses")
    statuses = cursor.fetchone()[0]
    enqueued = {jid.decode() for jid in redis.lrange("standin:enqueued", 0, -1)}
    waiting = [raw for name in redis.smembers("queues") for raw in redis.lrange(b"queue:" + name, 0, -1)]
    retrying = redis.zrange("retry", 0, -1)
    times = done(cursor)
    elsewhere = {json.loads(raw).get("jid") for raw in waiting + retrying}
    undone = enqueued - times.keys()
    without = max(0, statuses - len(enqueued))  # a row whose web ended before it queued the job
    return {
        "statuses": statuses, "statuses_without_job": without, "jobs_enqueued": len(enqueued),
        "jobs_done": sum(times.values()), "jobs_doubled": sum(times.values()) - len(times),
        "jobs_waiting": len(waiting), "jobs_retrying": len(retrying),
        "jobs_missing": len(undone - elsewhere) + without, "undone": sorted(undone),
    }


def schedulers(redis):
    found = []
    for identity in dict.fromkeys(redis.lrange("standin:schedulers", 0, -1)):
        raw = redis.hgetall(b"standin:scheduler:" + identity)
        fields = {key.decode(): value.decode() for key, value in raw.items()}
        if "start" in fields:
            last = float(fields.get("beat", fields["start"])) + presence.BEAT_SECONDS
            found.append({
                "id": identity.decode(), "version": fields["version"], "start": float(fields["start"]),
                "end": float(fields.get("quiet") or fields.get("stop") or last),
                "ended": "quiet" in fields or "stop" in fields,
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
    if words not in (["counts"], ["jobs"]):
        print("usage: standin counts|jobs")
        return 1
    connection, redis = stores.connect(), stores.connect_redis("SIDEKIQ_")
    with connection.cursor() as cursor:
        if words == ["jobs"]:
            for jid, times in done(cursor).items():
                print(jid, times)
            return 0
        counted = jobs(cursor, redis)
    intervals = schedulers(redis)
    print(json.dumps({**counted, "schedulers_max": most_at_once(intervals), "schedulers": intervals}, indent=1))
    return 0
