// The form is the one that Mastodon's own app/services/software_update_check_service.rb reads.
#include "controller/review/update_check.hpp"

#include <boost/json.hpp>

#include "controller/base/web.hpp"

namespace matriarch::controller {

namespace json = boost::json;

Result<specs::Available> parse_update_check(const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    const json::value* updates = error ? nullptr : value.find_pointer("/updatesAvailable", error);
    if (updates == nullptr || !updates->is_array()) {
        return fail(ErrorKind::unavailable, "the update check's answer has no updatesAvailable");
    }
    specs::Available available;
    for (const json::value& update : updates->get_array()) {
        const json::object* fields = update.if_object();
        const json::value* name = fields == nullptr ? nullptr : fields->if_contains("version");
        if (name == nullptr || !name->is_string()) continue;
        std::string text(name->get_string());
        if (!text.starts_with('v')) text.insert(0, "v");
        const json::value* urgent = fields->if_contains("urgent");
        if (const auto version = specs::parse_version(text)) {
            available[*version] = urgent != nullptr && urgent->is_bool() && urgent->get_bool();
        }
    }
    return available;
}

Result<specs::Available> ask_update_check(const std::string& url, const specs::Version& running,
                                          std::stop_token stop) {
    const std::string version = to_text(running).substr(1);
    const auto answer = TRY(ask_web({.url = Secret(url + "?version=" + percent_encoded(version)),
                                     .headers = {Secret("Accept: application/json")},
                                     .stop = std::move(stop)}));
    if (answer.status != 200) {
        return fail(ErrorKind::unavailable,
                    "the update check answers " + std::to_string(answer.status));
    }
    return parse_update_check(answer.body);
}

}  // namespace matriarch::controller
