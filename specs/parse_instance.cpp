// The version is read first, because some defaults depend on it (Sidekiq's queues, for one).
#include "specs/parse_instance.hpp"

#include "specs/catalogue.hpp"
#include "specs/defaults.hpp"
#include "specs/fields.hpp"
#include "specs/reader.hpp"
#include "specs/validate.hpp"

namespace matriarch::specs {
namespace {

/// The version that the file names, or the newest known one: its error is reported with the rest.
Version version_of(const Node& tree) {
    const Node* node = tree.find("mastodon");
    if (node != nullptr && node->is_scalar()) {
        if (const auto version = parse_version(node->text)) return *version;
    }
    return catalogue::releases().back()->version;
}

}  // namespace

ParsedInstance parse_instance(const Node& tree) {
    ParsedInstance parsed{.instance = defaults_for(version_of(tree))};
    if (!tree.is_map()) {
        parsed.findings.add(tree.place,
                            "cannot read the file: a map is expected, but found " +
                                std::string(kind_in_words(tree)),
                            "Write at least instance, domain, mastodon and backups.repository.");
        return parsed;
    }
    Reader reader(tree, "", parsed.findings);
    describe(reader, parsed.instance);
    reader.finish();
    validate(parsed.instance, parsed.findings);
    return parsed;
}

}  // namespace matriarch::specs
