"""Deliberate bugs, and the property that must find each: (name, property, [(file, old, new), ...]).

The old text must be found exactly once. An `if (...) {` line, an expression or whole statements are
replaced; <<...>> marks the expression in a text that is longer so as to be there only once. All
mutants are compiled into one program, and one is chosen when it starts (see build.py).
"""
R = "reconcilers/"
L = "controller/loop/"

MUTANTS = [
    # Stale: what was seen is not what is.
    ("stopping-counts-as-serving", "S5", [(R + "web.cpp",
     "if (found == nullptr || !found->is_ready() || found->stopping_since) return true;",
     "if (found == nullptr || !found->is_ready()) return true;")]),
    ("old-schema-news-believed", "S2", [(L + "observe_schema.cpp",
     "postgres->health_at <= valid_from || !parse_database_answer(output)",
     "!parse_database_answer(output)")]),
    ("unready-counts-as-done", "L1", [(R + "converge.cpp",
     "if (observed.is_ready()) return;", "return;")]),
    # A gate that is not there, or that blocks the cure.
    ("both-webs-at-once", "S5", [(R + "web.cpp",
     "serves && (another_is_away || is_being_replaced)", "false")]),
    ("gate-blocks-the-cure", "L1", [(R + "web.cpp",
     "serves && (another_is_away || is_being_replaced)", "another_is_away || is_being_replaced")]),
    ("obstacle-ignored", "S5", [(R + "converge.cpp",
     "must_be_replaced && !waits_for", "must_be_replaced && !missing")]),
    ("waiting-taken-for-the-end", "L1", [(R + "converge.cpp",
     "if (must_be_replaced) {", "if (false) {")]),
    ("no-backup-before-migration", "S2", [(R + "migrations.cpp",
     "if (!is_begun && !has_backup(wanted, world)) {", "if (false) {")]),
    ("old-code-left-running", "L1", [(R + "migrations.cpp",
     "if (state != JobState::succeeded && !running.empty()) {", "if (false) {")]),
    ("old-code-beside-migration", "S4", [
        (R + "migrations.cpp", "if (state != JobState::succeeded && !running.empty()) {",
         "if (false) {"),
        (R + "safety.cpp", 'if (container->spec.role == "migrate") {', "if (false) {")]),
    ("migrates-before-images", "S4", [(R + "migrations.cpp",
     "if (!is_begun && !has_images) {", "if (false) {")]),
    ("new-code-on-old-schema", "S4", [
        (R + "schema.cpp",
         'if (gap.pending() > 0) return std::to_string(gap.pending()) + " pending migrations";',
         ";"),
        (R + "safety.cpp", "schema_gap(*files, world).pending() > 0", "false")]),
    ("code-beside-schema-job", "S4", [
        (R + "schema.cpp",
         'if (const ObservedContainer* job = schema_job(world)) return "job " + job->name;', ";"),
        (R + "safety.cpp", "is_app_role(container->spec.role) && changes_schema && is_alive(other)",
         "false")]),
    ("downgrade-not-seen", "L1", [(R + "migrations.cpp",
     "if (!gap.ahead.empty() && !gap.runs_ahead) {", "if (false) {")]),
    ("scheduler-in-two", "S3", [
        (R + "sidekiq.cpp", "name != spec.name && is_alive && schedules(other.spec)", "false"),
        (R + "safety.cpp", "is_scheduler(container->spec) && is_scheduler(other.spec)", "false")]),
    ("second-of-a-kind", "S3", [(R + "safety.cpp",
     "if (same_single_role) return", "if (false) return")]),
    # Recovery that was forgotten.
    ("paused-left-alone", "L1", [(R + "converge.cpp",
     "if (observed->state == RunState::paused) {", "if (false) {")]),
    ("half-made-job-started", "L1", [(R + "job.cpp",
     "if (observed->state == RunState::created && !is_whole(job, *observed)) {", "if (false) {")]),
    ("paused-job-left", "L1", [(R + "job.cpp",
     "if (observed->state == RunState::paused) {", "if (false) {")]),
    ("nothing-put-back", "L2", [(R + "migrations.cpp", "put_back(wanted, world, steps);", ";")]),
    ("setup-not-finished", "L1", [(R + "migrations.cpp",
     "else if (<<!is_set_up(world)>>)", "false")]),
    ("schema-taken-for-seeds", "L1", [
        (R + "migrations.cpp", "else if (<<!is_set_up(world)>>)", "false"),
        (R + "schema.cpp",
         'if (!is_set_up(world)) return "the first rows of the database";', ";")]),
    ("drifted-limit-left", "L1", [(R + "converge.cpp",
     "if (needs(found, Remedy::update)) {", "if (false) {")]),
    ("cut-off-setup-again", "S4", [(R + "migrations.cpp",
     "is_cut_off && <<!is_set_up(world)>>", "true")]),
    ("double-network-left", "L1", [(R + "network.cpp",
     "if (!is_ours || is_needed(world, *network)) {", "if (true) {")]),
    ("double-network-unseen", "L3", [(L + "observe.cpp", "networks_by_id_.clear();", ";")]),
    ("renamed-job-unseen", "L3", [(L + "observe.cpp",
     "summary.name == finished->second.name", "true")]),
    ("paused-migration-left", "L1", [(R + "migrations.cpp",
     "if (busy != nullptr && busy->state == RunState::paused) {", "if (false) {")]),
    ("removed-list-forgotten", "L1", [(R + "schema.cpp",
     "world.regular_migrations.contains(version)", "false")]),
    ("cut-off-network-left", "L1", [(R + "converge.cpp",
     "if (needs(found, Remedy::reattach)) {", "if (false) {")]),
    # Failure tried again for ever.
    ("failed-job-loops", "L1", [(R + "job.cpp",
     "return is_made_from(job, *observed) ? JobState::failed : JobState::absent;",
     "return JobState::absent;")]),
    ("failed-job-cleaned-away", "L1", [(R + "orphans.cpp",
     "if (job.exit_code != 0) return is_current;", "if (job.exit_code != 0) return false;")]),
    # Identity ignored.
    ("job-of-another-subject", "S2", [(R + "job.cpp",
     "subject->second != job.labels.at(label::subject)", "false")]),
    ("backup-of-any-schema", "S2", [(R + "backup.cpp",
     "short_digest(fingerprint(world.schema.applied))", 'std::string("any")')]),
    ("volume-gone-unnoticed", "L1", [(R + "volumes.cpp",
     'if (!pinned->second.created_at.empty()) alarm(steps, volume.name, "is gone");', ";")]),
    ("volume-made-anew", "S1", [
        (R + "volumes.cpp",
         'if (!pinned->second.created_at.empty()) alarm(steps, volume.name, "is gone");', ";"),
        (R + "volumes.cpp",
         "!pinned->second.uuid.empty() &&\n                                     "
         "pinned->second.created_at.empty()", "true")]),
    ("volume-exchanged-unnoticed", "L1", [(R + "volumes.cpp",
     "if (uuid_of(observed->second) != known.uuid) {", "if (false) {")]),
    ("stranger-taken-for-orphan", "S12", [(R + "orphans.cpp",
     "if (is_wanted || !is_ours) continue;", "if (is_wanted) continue;")]),
    ("image-without-digest", "S6", [(R + "converge.cpp",
     'return repository + (reference.tag.empty() ? "" : ":" + reference.tag) + "@" +\n'
     "               parsed->digest;", "return specs::to_text(reference);")]),
    ("name-for-id", "L1", [(R + "converge.cpp",
     "steps.add(UpdateLimits{.id = <<observed.id>>,", "observed.name")]),
    # Wrong comparison.
    ("newest-instead-of-set", "L1", [(R + "schema.cpp",
     'if (!applied.contains(version)) gap.post_deployment.push_back(version + " " + name);',
     "if (applied.empty() || version > *applied.rbegin())"
     ' gap.post_deployment.push_back(version + " " + name);')]),
    ("memory-not-compared", "L1", [(R + "container.cpp",
     'out.text("memory", in_words(wanted.limits.memory), in_words(actual.limits.memory),\n'
     "             Remedy::update);", ";")]),
    ("value-not-compared", "L1", [(R + "container.cpp",
     "!found->second.value.is_same_as(value.value)", "false")]),
    ("image-not-compared", "L1", [(R + "container.cpp",
     "!wanted_image_id.empty() && wanted_image_id != observed.image_id", "false")]),
    # Wrong order, forgotten work.
    ("intent-not-written", "S9", [(L + "apply.cpp",
     "TRY(journal_.intend({.pass = pass,\n"
     "                                                  .instance = wanted.instance.name,\n"
     "                                                  .revision = wanted.revision,\n"
     "                                                  .action = what,\n"
     "                                                  .resource = on,\n"
     "                                                  .reason = step.reason}))",
     "std::int64_t{1}")]),
    ("database-never-made", "L1", [(R + "postgres.cpp",
     "!world.identity.database_system.empty() || world.container(server.name) != nullptr",
     "true")]),
    ("running-job-removed", "L1", [(R + "orphans.cpp",
     "if (is_job(container) && is_needed(wanted, world, container)) continue;", ";")]),
    ("redis-forgotten", "L1", [(R + "redis.cpp",
     "converge(wanted_redis(wanted), world, steps);", ";")]),
    ("secret-shown", "S8", [(R + "container.cpp",
     'value.is_secret ? "as given" : shortened(value.value.reveal())',
     "shortened(value.value.reveal())")]),
    ("ready-without-asking", "S13", [(R + "status.cpp",
     "line.ready = observed->is_ready();", "line.ready = true;")]),
]
