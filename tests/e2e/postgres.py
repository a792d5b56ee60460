"""Another major version of PostgreSQL: a push, a pause while all is copied, and every row there."""
from harness.engine import is_running
from harness.killing import killed_again_and_again
from harness.scenario import (answers, commit, deployed, eventually, expect, plan_finds_nothing,
                              remember, revert, scenario, settled, stalled, under_load, unchanged)

COUNT = ("select format('select %L, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) "
         "from %I t', tablename, tablename) from pg_tables where schemaname = 'public' order by 1 "
         "\\gexec")


def ask(it, text):
    code, out = it.engine.execute(it.service("postgres")["Id"], [
        "sh", "-c", "psql -XAt -U mastodon mastodon_production -v ON_ERROR_STOP=1 <<'SQL'\n"
                    "%s\nSQL" % text])
    if code != 0:
        raise AssertionError("psql ended with %d: %s" % (code, out))
    return out.split("\n")


def rows(it):
    return ask(it, COUNT)


def fill(it):
    ask(it, "create table kept (id int primary key, said text, at timestamptz, price numeric, "
            "raw bytea);\n"
            "insert into kept select n, md5(n::text), now(), n / 7.0, decode(md5(n::text), 'hex') "
            "from generate_series(1, 20000) n;\n"
            "create role reader login password 'of its own'; grant select on kept to reader;")


def serves(major):
    def check(it):
        servers = [one for one in it.of_role("postgres") if is_running(one)]
        if len(servers) != 1:
            return "%d servers run" % len(servers)
        said = ask(it, "show server_version")[0]
        return expect(said.startswith(str(major)), "the server is " + said)
    return check


def volumes_are(it):
    names = [name for name in it.engine.volumes(it.name) if "-postgres-" in name]
    return expect(sorted(names) == [it.name + "-postgres-15", it.name + "-postgres-17"],
                  "volumes: " + ", ".join(sorted(names)))


@scenario("another major version of PostgreSQL must bring every row along")
def postgres_major(it):
    it.step("PostgreSQL 15 runs and has rows", deployed(), lambda it: fill(it),
            remember("rows", rows))
    it.step("17 is pushed", commit(postgres={"version": 17}), eventually(serves(17), 240),
            eventually(answers("4.5.0"), 60), eventually(settled(), 60))
    it.step("every row is there, and who may read them", unchanged("rows", rows),
            lambda it: expect(ask(it, "select has_table_privilege('reader', 'kept', 'select')")
                              == ["t", ""], "the role lost its right"))
    it.step("the old folder is kept, and nothing is left to do", volumes_are, plan_finds_nothing)
    it.step("the way back is refused, and everything goes on", under_load(), revert(),
            eventually(stalled("PostgreSQL 17"), 20), answers("4.5.0"), serves(17))


@scenario("a controller killed again and again while a database moves must lose no row of it")
def postgres_killed(it):
    it.step("PostgreSQL 15 runs and has rows", deployed(), lambda it: fill(it),
            remember("rows", rows))
    it.step("17 is pushed, and it is killed at every third change",
            commit(postgres={"version": 17}),
            killed_again_and_again(3, lambda it: serves(17)(it) or settled()(it), 300, start=False))
    it.step("it is done all the same", answers("4.5.0"), unchanged("rows", rows), volumes_are)
