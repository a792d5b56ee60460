// suspend, resume and schema: small commands that only touch a file, or nothing.
#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/store/failures.hpp"
#include "controller/store/suspend.hpp"

namespace matriarch::controller {

namespace {

/// The folder of an instance that this host knows. Errors: invalid (it knows no such instance).
Result<InstanceFolder> known_instance(const CommonOptions& common, const std::string& name) {
    const State state = TRY(state_of(common));
    const InstanceFolder folder = TRY(state.instance(name));
    if (!std::filesystem::exists(folder.root)) {
        return fail(ErrorKind::invalid, "cannot find instance " + name,
                    "matriarch status lists the ones this host knows.");
    }
    return folder;
}

}  // namespace

int suspend_command(const CommonOptions& common, const std::string& instance,
                    const std::string& reason) {
    const auto folder = known_instance(common, instance);
    if (!folder) return failed_with(folder.error());
    const auto done = suspend(*folder, {.since = SystemClock().now(), .reason = reason});
    if (!done) return failed_with(done.error());
    print(instance + ": suspended; nothing is changed until matriarch resume " + instance);
    return 0;
}

int resume_command(const CommonOptions& common, const std::string& instance) {
    const auto folder = known_instance(common, instance);
    if (!folder) return failed_with(folder.error());
    const auto done = resume(*folder);
    if (!done) return failed_with(done.error());
    const auto forgotten = forget_failures(*folder);
    if (!forgotten) return failed_with(forgotten.error());
    print(instance + ": resumed");
    return 0;
}

int schema_command() {
    print(specs::json_schema());
    return 0;
}

}  // namespace matriarch::controller
