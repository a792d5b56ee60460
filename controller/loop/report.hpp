// Report: plans and statuses as the JSON that scripts rely on (contract, section 3), and as text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/store/journal.hpp"
#include "reconcilers/preview.hpp"
#include "reconcilers/status.hpp"
#include "specs/newer.hpp"

namespace matriarch::controller {

/// A plan of one instance, with its name.
struct InstancePlan {
    std::string name{};
    reconcilers::Plan plan{};
};

/// {"schema":1,"revision":...,"instances":[...]}
[[nodiscard]] std::string plan_json(const std::string& revision,
                                    const std::vector<InstancePlan>& plans);
[[nodiscard]] std::string plan_text(const std::string& revision,
                                    const std::vector<InstancePlan>& plans);
[[nodiscard]] std::string plan_markdown(const std::string& revision,
                                        const std::vector<InstancePlan>& plans);

/// What is below the name of one: path, migrations, steps, and what stands in the way.
[[nodiscard]] std::string instance_markdown(const reconcilers::Plan& plan);

/// What is beside the World in an instance's status.
struct StatusContext {
    std::vector<RecordedCondition> conditions{};
    std::string running_revision{};
    bool is_suspended{false};
    WallTime observed_at{};
    std::vector<specs::NewerRelease> newer{};
};

/// One element of status -o json's "instances".
[[nodiscard]] std::string status_json(const reconcilers::InstanceStatus& status,
                                      const StatusContext& context);

/// {"repository","listed_at","snapshots":[{"id","kind","slot","taken","complete","verified",...}]}
[[nodiscard]] std::string repository_json(const reconcilers::ObservedRepository& repository);

/// {"instances":[...], "source": {...}} from parts that are JSON already.
[[nodiscard]] std::string status_document(const std::vector<std::string>& instances,
                                          const std::string& source);

/// The same document as a table for a terminal. Text that is not such a document comes back as it
/// is.
[[nodiscard]] std::string status_text(const std::string& document);

/// "v4.6.0", from one instance's element; empty: it does not say.
[[nodiscard]] std::string wanted_release(const std::string& status);

/// What the git side knows, for the status.
struct SourceReport {
    std::string url{};
    std::string branch{};
    /// Newest commit seen, and the one in force.
    std::string seen{};
    std::string accepted{};
    /// Why the newest one is not in force. Empty: it is.
    std::vector<Error> problems{};
    /// Why git could not be asked the last time.
    std::optional<Error> unreachable{};
    WallTime checked_at{};
};
[[nodiscard]] std::string source_json(const SourceReport& source);

/// One line, without markup.
[[nodiscard]] std::string rehearsal_headline(const reconcilers::Rehearsal& rehearsal);
[[nodiscard]] std::string rehearsal_text(const reconcilers::Rehearsal& rehearsal);
/// Below the headline.
[[nodiscard]] std::string rehearsal_markdown(const reconcilers::Rehearsal& rehearsal);
/// {"version","passed","backup","ended","phases","migrations","locks","disk_before",...}
[[nodiscard]] std::string rehearsal_json(const reconcilers::Rehearsal& rehearsal);

/// {"id","at","instance","kind","message","revision"}
[[nodiscard]] std::string event_json(const RecordedEvent& event);

/// {"items":[{"instance","resource","field","desired","actual","detected_at","healed_at","cause"}]}
/// and more keys.
[[nodiscard]] std::string drift_json(const std::vector<RecordedDrift>& drifts);
[[nodiscard]] std::string drift_text(const std::vector<RecordedDrift>& drifts);
[[nodiscard]] std::string drift_markdown(const std::vector<RecordedDrift>& drifts);

/// {"error":{"kind","message","hint","where"}}
[[nodiscard]] std::string error_json(const std::vector<Error>& errors);

/// The commit that the newest published status was about; empty: nothing was published.
[[nodiscard]] std::string revision_in_status(const std::string& status);

}  // namespace matriarch::controller
