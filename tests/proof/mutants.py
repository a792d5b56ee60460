"""Deliberate bugs, and the property that must find each: (name, property, [(file, old, new), ...]).

The old text must be found exactly once. An `if (...) {` line, an expression or whole statements are
replaced; <<...>> marks the expression in a text that is longer so as to be there only once. All
mutants are compiled into one program, and one is chosen when it starts (see build.py).
"""
R = "reconcilers/"
L = "controller/loop/"

MUTANTS = [
    # Stale: what was seen is not what is.
    ("stopping-counts-as-serving", "S5", [(R + "slot.cpp",
     "if (<<container->may_end()>>) return true;",
     "container->may_be_stopping"),
        (R + "edge.cpp", "!one->stopping_since", "true")]),
    ("unready-counts-as-done", "L1", [(R + "converge.cpp",
     "if (put_right(spec, world, observed, steps) || observed.is_ready()) return",
     "if (put_right(spec, world, observed, steps) || true) return")]),
    # A gate that is not there, or that blocks the cure.
    ("both-webs-at-once", "S5", [(R + "rollout.cpp",
     "serves && (is_taken || another_is_away)", "false")]),
    ("gate-blocks-the-cure", "L1", [(R + "rollout.cpp",
     "serves && (is_taken || another_is_away)", "is_taken || another_is_away")]),
    ("obstacle-ignored", "S4", [
        (R + "rollout.cpp", "const auto waits_for = <<leave.obstacle ? leave.obstacle "
         ": missing_ground(slot.spec, world)>>;", "missing_ground(slot.spec, world)"),
        (R + "rollout.cpp",
         "const bool may_be_made = <<!leave.obstacle || leave.may_be_made>>;", "true"),
        (R + "safety.cpp", "if (!schema_gap(*files, world).regular.empty()) {", "if (false) {")]),
    ("waiting-taken-for-the-end", "L1", [(R + "rollout.cpp",
     'steps.add(Wait{"container " + container.name, look_again},\n'
     '                      container.workers ? std::to_string(container.workers->busy) + '
     '" jobs in hand"\n'
     '                                        : "which jobs it has in hand is not known");',
     ";")]),
    ("stops-before-code-is-made", "S5", [(R + "upgrade.cpp",
     "is_code_made(wanted, world) && state == JobState::unfinished",
     "state == JobState::unfinished")]),
    ("downgrade-not-seen", "L1", [(R + "migrations.cpp",
     "if (!upgrade.gap.ahead.empty() && !upgrade.gap.runs_ahead) {", "if (false) {")]),
    ("window-ignored", "S5", [(R + "upgrade.cpp",
     "!world.is_window_open && !is_under_way(wanted, world)", "false")]),
    # The schema and the code beside it.
    ("no-backup-before-migration", "S2", [(R + "upgrade.cpp",
     "is_rehearsed(wanted, world) && <<has_backup(wanted, world)>>", "true")]),
    ("no-backup-before-post", "S2", [(R + "migrations.cpp",
     "!has_begun && !has_backup(wanted, world)", "false")]),
    ("old-code-left-running", "L1", [(R + "rollout.cpp",
     "retire(wanted, container, world, steps, reason, Downtime::stops);", ";")]),
    ("old-code-beside-migration", "S4", [
        (R + "migrations.cpp", "if (<<!runs_code(world)>>) {\n                run_job(job",
         "true"),
        (R + "safety.cpp",
         'if (!is_new) return refuse(start, "container " + name + " still runs the old code");',
         ";"),
        (R + "safety.cpp", 'if (!is_last) return refuse(start, "container " + name + '
         '" runs beside regular migrations");', ";")]),
    ("new-code-on-old-schema", "S4", [
        (R + "upgrade.cpp", "if (<<!upgrade.gap.regular.empty()>>) {\n        pending_regular",
         "false"),
        (R + "safety.cpp", "if (!schema_gap(*files, world).regular.empty()) {", "if (false) {")]),
    ("fenced-code-goes-on", "L1", [(R + "plan_instance.cpp",
     "upgrade.phase != Phase::fenced", "true")]),
    ("both-phases-at-once", "S4", [
        (R + "upgrade.cpp",
         'job.environment["SKIP_POST_DEPLOYMENT_MIGRATIONS"] = shown("true");', ";"),
        (R + "safety.cpp",
         'environment.contains("SKIP_POST_DEPLOYMENT_MIGRATIONS")', "true")]),
    ("finishes-beside-old-code", "S4", [
        (R + "upgrade.cpp", "upgrade.phase = <<has_old>> ? Phase::replacing", "false"),
        (R + "safety.cpp",
         'if (!is_new) return refuse(start, "container " + name + " still runs the old code");',
         ";")]),
    ("never-finishes", "L1", [(R + "upgrade.cpp",
     "is_last ? Phase::settled : Phase::finishing", "Phase::settled")]),
    ("streaming-taken-for-old", "L1", [(R + "upgrade.cpp",
     'one.spec.role == "streaming" ? streaming : code', "code")]),
    ("station-skipped", "S4", [(R + "path.cpp", "if (*minors <= 1) {", "if (true) {")]),
    ("newest-that-serves", "S4", [(R + "path.cpp",
     "!oldest || *release < *oldest", "!oldest || *release > *oldest")]),
    ("old-code-on-new-schema", "S4", [(R + "schema.cpp",
     "return <<gap.regular.empty() && gap.runs_ahead>>;", "true")]),
    ("serves-beside-any-job", "S4", [
        (R + "plan_instance.cpp", "upgrade.phase != Phase::fenced", "true"),
        (R + "schema.cpp", 'job != nullptr && job->spec.role != "premigrate" && !is_of_job',
         "false"),
        (R + "safety.cpp",
         'job != nullptr && job->spec.role != "premigrate" && !is_last_phase', "false")]),
    ("scheduler-in-two", "S3", [
        (R + "sidekiq.cpp", "!is_own && is_alive && schedules(other.spec)", "false"),
        (R + "safety.cpp", "is_scheduler(container.spec) && is_scheduler(other.spec)", "false")]),
    ("sidekiq-beside-the-old", "S3", [
        (R + "sidekiq.cpp", ".overlaps = <<false>>}", "true"),
        (R + "safety.cpp", "is_scheduler(container.spec) && is_scheduler(other.spec)", "false")]),
    ("second-of-a-kind", "S3", [(R + "safety.cpp",
     "if (is_second) return", "if (false) return")]),
    # From the old container to the new one.
    ("one-answer-is-proof", "S5", [
        (R + "rollout.cpp", "if (!fresh.is_proven()) {", "if (!fresh.is_ready()) {"),
        (R + "edge.cpp", "!is_away(slot.spec, slot.fresh) &&\n        (slot.fresh->is_proven() || "
         "(is_only_one && slot.fresh->is_ready()))", "!is_away(slot.spec, slot.fresh)"),
        (L + "health_questions.cpp", "reconcilers::is_app_role(container.spec.role) ? "
         "reconcilers::looks_needed : 1", "1")]),
    ("route-to-who-is-silent", "S5", [(R + "edge.cpp",
     "!is_away(slot.spec, slot.fresh) &&\n        (slot.fresh->is_proven() || "
     "(is_only_one && slot.fresh->is_ready()))", "true")]),
    ("stopped-before-the-edge-knows", "S5", [(R + "rollout.cpp",
     "has_routes && leave.overlaps && !is_served", "false")]),
    ("cut-off-successor-trusted", "S5", [(R + "rollout.cpp",
     "if (is_away(slot.spec, &fresh)) {", "if (false) {")]),
    ("stopped-while-it-serves", "S5", [
        (R + "rollout.cpp", "if (world.edge.routes.contains(container.name)) {", "if (false) {"),
        (R + "safety.cpp", "container->is_ready() && world.edge.routes.contains(container->name)",
         "false")]),
    ("leaving-kept-open", "L1", [(R + "edge.cpp",
     "one->is_running() && <<!steps.leaving.contains(one->name)>> &&", "true")]),
    ("last-one-sent-away", "S5", [(R + "edge.cpp",
     "!world.edge.routes.contains(container.name) || !container.is_ready()", "true")]),
    ("comes-back-by-itself", "S3", [(R + "rollout.cpp",
     'const bool is_kept_up = <<container.spec.restart != "no">>;', "false"),
        (R + "rollout.cpp", 'if (!leave.overlaps && old.spec.restart != "no") {',
         "if (false) {")]),
    ("jobs-cut-off", "S16", [(R + "rollout.cpp",
     'container.spec.role == "sidekiq" && container.is_running()', "false")]),
    ("no-time-to-drain", "S16", [(R + "rollout.cpp",
     "!is_idle && world.now - *container.quieting_since < drain", "false")]),
    ("quiet-for-ever", "L1", [(R + "giving_up.cpp",
     "if (!one.is_running() || !one.workers || !one.workers->is_quiet) return",
     "if (true) return")]),
    ("in-the-way-left", "L1", [(R + "rollout.cpp",
     'discard(*slot.in_the_way, world, steps, "made for something else");', ";")]),
    ("old-one-left-over", "L1", [(R + "rollout.cpp",
     'steps.add(RemoveContainer{old.id, old.name}, "its release serves");', ";")]),
    ("old-one-taken-for-wanted", "L1", [(R + "slot.cpp",
     "return difference.remedy == Remedy::recreate;", "return false;")]),
    # Recovery that was forgotten.
    ("paused-left-alone", "L1", [(R + "converge.cpp",
     "if (observed->state == RunState::paused) {", "if (false) {")]),
    ("half-made-job-started", "S14", [(R + "job.cpp",
     "if (observed->state == RunState::created && !is_whole(job, *observed)) {", "if (false) {")]),
    ("nothing-put-back", "L2", [(R + "giving_up.cpp",
     "old.has_exited() && may_serve_again(old, world)", "false")]),
    ("failed-one-not-put-back", "L2", [(R + "giving_up.cpp",
     "!slot.fresh->is_alive()) {\n        <<keep_serving(slot, world, steps);>>", ";")]),
    ("schema-taken-for-seeds", "L1", [
        (R + "migrations.cpp", "else if (<<!is_set_up(world)>>)", "false"),
        (R + "upgrade.cpp", 'if (!is_set_up(world)) return waits("the first rows of the database", '
         "std::move(upgrade.gap));", ";")]),
    ("made-taken-for-served", "L1", [(R + "schema.cpp",
     "if (container.state == RunState::created) continue;",
     'if (container.state == RunState::created && container.spec.role == "setup") continue;')]),
    ("drifted-limit-left", "L1", [(R + "converge.cpp",
     "const bool needs_update = <<needs(found, Remedy::update)>>;", "false")]),
    ("double-network-left", "L1", [(R + "network.cpp",
     "if (!is_ours || is_needed(world, *network)) {", "if (true) {")]),
    ("paused-migration-left", "L1", [(R + "migrations.cpp",
     "if (busy != nullptr && busy->state == RunState::paused) {", "if (false) {")]),
    ("removed-list-forgotten", "L1", [(R + "schema.cpp",
     "world.regular_migrations.contains(version)", "false")]),
    ("cut-off-network-left", "L1", [(R + "converge.cpp",
     "if (!needs(found, Remedy::reattach)) return", "if (true) return")]),
    # Failure tried again for ever, or never owned up to.
    ("failed-job-loops", "L1", [(R + "job.cpp",
     "return is_made_from(job, *observed) ? JobState::failed : JobState::absent;",
     "return JobState::absent;")]),
    ("failed-job-loops-fast", "S15", [(R + "job.cpp",
     "return is_made_from(job, *observed) ? JobState::failed : JobState::absent;",
     "return JobState::absent;")]),
    ("failed-job-cleaned-away", "L1", [(R + "orphans.cpp",
     "if (job.exit_code != 0) return is_current;", "if (job.exit_code != 0) return false;")]),
    ("failure-not-remembered", "L1", [(L + "apply.cpp",
     "return remember_failure(folder, failure.key, failure.what);", "return {};")]),
    ("failure-ignored", "L1", [(R + "giving_up.cpp",
     "<<world.failures.contains(attempt(slot.spec, world))>>;\n}\n\nvoid report", "false")]),
    ("endless-patience", "L1", [(R + "giving_up.cpp",
     "if (world.now - trying_since(wanted, world, fresh) < patience) return",
     "if (true) return")]),
    ("failure-not-reported", "L1", [(R + "giving_up.cpp",
     "if (<<has_failed>>) report(slot, world, steps);", "false")]),
    # Identity ignored.
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
    # Two controllers.
    ("holder-not-asked", "S11", [(L + "pass.cpp",
     "add_housekeeping(world, housekeeping, result.status);\n    <<if (!steps.changes_nothing()) "
     "TRY(holder_.confirm(wanted.instance.name, {.stop = stop}));>>", ";")]),
    ("another-holder-ignored", "S11", [(L + "holder.cpp",
     "if (claim.id == self_.id) return", "if (true) return")]),
    ("oldest-claim-counts", "S11", [(L + "holder.cpp",
     "id.empty() || number <= newest.number", "id.empty() || newest.number > 0")]),
    # News that is old.
    ("old-schema-news-believed", "S4", [(L + "news.cpp",
     "container.health_at > valid_from && makes_sense(container.health_output)",
     "makes_sense(container.health_output)")]),
    # Wrong comparison.
    ("newest-instead-of-set", "L1", [(R + "schema.cpp",
     'if (!applied.contains(version)) gap.post_deployment.push_back(version + " " + name);',
     "if (applied.empty() || version > *applied.rbegin())"
     ' gap.post_deployment.push_back(version + " " + name);')]),
    ("memory-not-compared", "L1", [(R + "container.cpp",
     'out.values("memory", wanted.limits.memory, actual.limits.memory, memory, Remedy::update);',
     ";")]),
    ("value-not-compared", "L1", [(R + "container.cpp",
     "value.value.is_same_as(wish.value)", "true")]),
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
     "world.container(server.name) != nullptr", "true")]),
    ("running-job-removed", "L1", [(R + "orphans.cpp",
     "if (is_job(container) && is_needed(wanted, world, upgrade, container)) continue;", ";")]),
    ("copied-while-written", "S1", [
        (R + "postgres_major.cpp", "if (runs_code(world)) return;", ";"),
        (R + "postgres_major.cpp",
         'fence(wanted, world, steps, "stopped for the database\'s move");', ";"),
        (R + "postgres_major.cpp", "return one.is_alive() || one.finished_at > copy.started_at;",
         "return false;"),
        (R + "safety.cpp",
         'return refuse(start, "what writes to the database runs beside it");', ";"),
        (R + "safety.cpp", 'return refuse(pin, name + " may write to it");', ";")]),
    ("redis-forgotten", "L1", [(R + "redis.cpp",
     "converge(wanted_redis(wanted), world, steps);", ";")]),
    ("secret-shown", "S8", [(R + "container.cpp",
     'wish.is_secret ? "as given" : shortened(wish.value.reveal())',
     "shortened(wish.value.reveal())")]),
    ("ready-without-asking", "S13", [(R + "status.cpp",
     "line.ready = observed->is_ready();", "line.ready = true;")]),
    # An instance that left the fleet.
    ("removal-cuts-jobs-off", "S16", [(R + "removal.cpp",
     'if (one->spec.role == "sidekiq" && one->is_alive()) {', "if (false) {")]),
    ("removal-leaves-networks", "L1", [(R + "removal.cpp",
     "for (const auto& [name, network] : world.networks) plan_network(wanted, network, steps);",
     ";")]),
    # What only the whole proof had found.
    ("back-to-one-cut-off", "S5", [(R + "giving_up.cpp",
     "slot.old->is_proven() && !is_away(slot.spec, slot.old)", "slot.old->is_proven()")]),
    ("old-one-left-cut-off", "L2", [(R + "giving_up.cpp",
     "if (old.is_running()) plug_in(slot.spec, world, old, steps);", ";")]),
    ("two-schedulers-in-one-pass", "S3", [(R + "sidekiq.cpp",
     "start_one_scheduler(world, steps);", ";")]),
    ("setup-made-good-by-hand", "L1", [(R + "schema.cpp",
     "return has_served && !world.identity.has_database();", "return has_served;")]),
    ("last-order-forgotten", "S5", [("controller/loop/observe_traffic.cpp",
     "const bool is_let_go =\n            <<is_older && is_on_its_way_out(container) && "
     "!world.edge.routes.contains(name)>>;", "false")]),
    ("only-one-relied-upon", "S5", [("controller/loop/observe_traffic.cpp",
     "const bool is_doubted = <<is_let_go || doubted != doubted_.end()>>;",
     "!world.edge.routes.contains(name) && (is_let_go || doubted != doubted_.end())")]),
    ("given-up-one-comes-back", "S3", [(R + "rollout.cpp",
     "if (!has_begun && (leave.overlaps || is_next)) {", "if (!has_begun) {"),
     (R + "giving_up.cpp", "if (comes_back) return", "if (false) return")]),
    ("order-made-unseen", "S5", [(R + "converge.cpp",
     "if (needs_update && observed.is_running() && observed.may_end()) {", "if (false) {")]),
    ("lost-order-forgotten", "S5", [("controller/loop/observe.cpp",
     "if (signal != reconcilers::quiet_signal) doubted_[id] = machine_.now();", ";")]),
    # Rehearsals.
    ("used-up-set-not-fetched", "L1", [(R + "scratch.cpp",
     "fetch->finished_at < server->started_at", "false")]),
    ("rehearsal-network-twice", "L1", [(R + "rehearsal.cpp",
     "if (plan_doubles(goal, world, rehearsal_network(goal.instance), steps)) return;", ";")]),
    ("rehearses-on-a-full-disk", "S15", [(R + "admission.cpp",
     "if (is_rehearsal_role(role)) return Bytes{};", ";")]),
    ("no-patience-after-it-served", "S5", [(R + "giving_up.cpp",
     "std::max(fresh.started_at, fresh.finished_at)", "fresh.started_at"),
     (R + "giving_up.cpp", "!has_failed || slot.fresh->is_ready()", "!has_failed")]),
]
