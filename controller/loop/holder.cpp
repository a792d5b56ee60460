// Who holds an instance is asked of the Engine each time, and believed for as long as one pass.
#include "controller/loop/holder.hpp"

#include <charconv>

#include "reconcilers/labels.hpp"

namespace matriarch::controller {

namespace label = reconcilers::label;

namespace {

/// A volume of that name can be somebody's, or lack its labels since the Engine died while it was
/// made: then the next number is as good.
constexpr int numbers_tried = 8;

std::string claim_name(const std::string& instance) {
    return instance + "-holder-";
}

/// The number of a claim; 0: it is none.
int number_of(const std::string& volume, const std::string& instance) {
    const std::string prefix = claim_name(instance);
    if (!volume.starts_with(prefix)) return 0;
    int number = 0;
    const char* const end = volume.data() + volume.size();
    const auto read = std::from_chars(volume.data() + prefix.size(), end, number);
    return read.ec == std::errc() && read.ptr == end && number > 0 ? number : 0;
}

std::string text_of(const reconcilers::ObservedVolume& volume, const std::string& key) {
    const auto found = volume.labels.find(key);
    return found == volume.labels.end() ? std::string() : found->second;
}

}  // namespace

Result<Holder::Claim> Holder::newest(const std::string& instance, const Call& call) {
    Claim newest;
    for (const auto& volume : TRY(engine_.list_volumes(label::holds + "=" + instance, call))) {
        const int number = number_of(volume.name, instance);
        const std::string id = text_of(volume, label::holder);
        if (id.empty() || number <= newest.number) continue;
        newest = {.number = number,
                  .id = id,
                  .place = text_of(volume, label::holder_place),
                  .since = volume.created_at};
    }
    return newest;
}

Result<void> Holder::claim(const std::string& instance, int number, const std::string& reason,
                           const Call& call) {
    const reconcilers::CreateVolume volume{.name = claim_name(instance) + std::to_string(number),
                                           .labels = {{label::instance, instance},
                                                      {label::role, "holder"},
                                                      {label::holds, instance},
                                                      {label::holder, self_.id},
                                                      {label::holder_place, self_.place}}};
    const std::int64_t pass = TRY(log_.begin_pass(instance, ""));
    const std::int64_t step = TRY(log_.intend({.pass = pass,
                                               .instance = instance,
                                               .action = reconcilers::verb(volume),
                                               .resource = reconcilers::resource(volume),
                                               .reason = reason}));
    auto done = engine_.create_volume(volume, call);
    const Outcome outcome = done ? Outcome::ok : Outcome::failed;
    const std::string error = done ? std::string() : done.error().message;
    TRY(log_.conclude(step, {.outcome = outcome, .error = error}));
    TRY(log_.end_pass(pass, outcome, error));
    return done;
}

Result<Holder::Claim> Holder::claim_after(const Claim& last, const std::string& instance,
                                          const std::string& reason, const Call& call) {
    for (int number = last.number + 1; number <= last.number + numbers_tried; ++number) {
        TRY(claim(instance, number, reason, call));
        Claim now = TRY(newest(instance, call));
        if (now.number > last.number) return now;
    }
    return fail(ErrorKind::refused,
                "cannot hold instance " + instance + ": volumes that are not ours have the names " +
                    claim_name(instance) + std::to_string(last.number + 1) + " and following",
                "Look at them with docker volume inspect, or choose another instance name.");
}

Result<void> Holder::mine(const std::string& instance, const Claim& claim) const {
    if (claim.id == self_.id) return {};
    return fail(ErrorKind::held,
                "cannot work on instance " + instance +
                    ": another controller holds it, the one of " + claim.place + ", since " +
                    claim.since,
                "Let that one do the work; if it is gone for good, run matriarch take-over " +
                    instance + " here.");
}

Result<void> Holder::confirm(const std::string& instance, const Call& call) {
    Claim now = TRY(newest(instance, call));
    if (now.number == 0) {
        now = TRY(claim_after(now, instance, "nobody holds this instance yet", call));
    }
    return mine(instance, now);
}

Result<void> Holder::take_over(const std::string& instance, const Call& call) {
    const Claim last = TRY(newest(instance, call));
    if (last.id == self_.id) return {};
    const std::string from = last.number == 0 ? "nobody" : "the controller of " + last.place;
    return mine(instance, TRY(claim_after(last, instance, "taken over from " + from, call)));
}

}  // namespace matriarch::controller
