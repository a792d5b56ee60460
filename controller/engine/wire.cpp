// Wire, what the Engine says: everything but the inspection of a container (wire_container.cpp).
#include "controller/engine/wire.hpp"

#include <algorithm>

#include "controller/engine/text.hpp"
#include "controller/engine/wire_fields.hpp"

namespace matriarch::controller::wire {

namespace {

reconcilers::ObservedNetwork network_of(const Fields& fields) {
    const auto attached = fields.object("Containers").names();
    return {.id = fields.required_text("Id"),
            .name = fields.required_text("Name"),
            .internal = fields.flag("Internal"),
            .labels = fields.text_map("Labels"),
            .attached = {attached.begin(), attached.end()},
            .is_used = !attached.empty()};
}

reconcilers::ObservedVolume volume_of(const Fields& fields) {
    return {.name = fields.required_text("Name"),
            .labels = fields.text_map("Labels"),
            .created_at = fields.text("CreatedAt")};
}

}  // namespace

Result<reconcilers::ObservedNetwork> read_network(std::string_view text) {
    Document document(text);
    TRY(document.check());
    reconcilers::ObservedNetwork network = network_of(Fields(document, document.root(), ""));
    TRY(document.check());
    return network;
}

Result<std::vector<reconcilers::ObservedNetwork>> read_network_list(std::string_view text) {
    Document document(text);
    const json::array* list = document.root().if_array();
    if (list == nullptr) document.note("it is not a list");
    TRY(document.check());
    std::vector<reconcilers::ObservedNetwork> networks;
    for (const json::value& entry : *list) {
        networks.push_back(network_of(Fields(document, entry, "network")));
    }
    TRY(document.check());
    return networks;
}

Result<reconcilers::ObservedVolume> read_volume(std::string_view text) {
    Document document(text);
    TRY(document.check());
    reconcilers::ObservedVolume volume = volume_of(Fields(document, document.root(), ""));
    TRY(document.check());
    return volume;
}

Result<std::vector<reconcilers::ObservedVolume>> read_volume_list(std::string_view text) {
    Document document(text);
    TRY(document.check());
    std::vector<reconcilers::ObservedVolume> volumes;
    for (const Fields& one : Fields(document, document.root(), "").objects("Volumes")) {
        volumes.push_back(volume_of(one));
    }
    TRY(document.check());
    return volumes;
}

Result<reconcilers::ImageFacts> read_image(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    const Fields config = root.object("Config");
    reconcilers::ImageFacts image{
        .id = root.required_text("Id"),
        .tags = root.texts("RepoTags"),
        .repository_digests = root.texts("RepoDigests"),
        .entrypoint = read_words(config, "Entrypoint").value_or(std::vector<std::string>{}),
        .command = read_words(config, "Cmd").value_or(std::vector<std::string>{}),
        .user = config.text("User"),
        .working_folder = config.text("WorkingDir"),
        .environment = read_environment(config),
        .labels = config.text_map("Labels"),
        .stop_signal = config.text("StopSignal"),
        .health = read_health_check(config),
        .volumes = config.object("Volumes").names(),
        .size = {root.number("Size")}};
    std::sort(image.volumes.begin(), image.volumes.end());
    TRY(document.check());
    return image;
}

Result<std::vector<ContainerSummary>> read_container_list(std::string_view text) {
    Document document(text);
    const json::array* list = document.root().if_array();
    if (list == nullptr) document.note("it is not a list");
    TRY(document.check());
    std::vector<ContainerSummary> containers;
    for (const json::value& entry : *list) {
        const Fields fields(document, entry, "container");
        ContainerSummary summary{.id = fields.required_text("Id"),
                                 .labels = fields.text_map("Labels"),
                                 .state = fields.text("State"),
                                 .image_id = fields.text("ImageID")};
        // A container that others link to has more names: "/other/alias".
        for (const std::string& name : fields.texts("Names")) {
            if (name.rfind('/') == 0) summary.name = name.substr(1);
        }
        containers.push_back(std::move(summary));
    }
    TRY(document.check());
    return containers;
}

Result<EngineFacts> read_info(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    EngineFacts facts{.id = root.required_text("ID"),
                      .version = root.required_text("ServerVersion"),
                      .data_root = root.text("DockerRootDir"),
                      .operating_system = root.text("OperatingSystem"),
                      .memory = {root.number("MemTotal")},
                      .cpus = root.small_number("NCPU"),
                      .live_restore = root.flag("LiveRestoreEnabled")};
    TRY(document.check());
    return facts;
}

Result<Event> read_event(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    const Fields actor = root.object("Actor");
    Event event{.type = root.required_text("Type"),
                .action = root.required_text("Action"),
                .id = actor.text("ID"),
                .attributes = actor.text_map("Attributes"),
                .time_ns = root.number("timeNano")};
    TRY(document.check());
    return event;
}

Result<std::string> read_id(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    std::string id = root.required_text("Id");
    TRY(document.check());
    return id;
}

Result<ExecState> read_exec(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    if (!root.has("Running")) root.note("Running", "is missing");
    ExecState state{.is_running = root.flag("Running"), .exit_code = root.small_number("ExitCode")};
    // Between its end and the Engine's note of it there is neither the one nor the other.
    if (!root.has("ExitCode")) state.is_running = true;
    TRY(document.check());
    return state;
}

Result<PullLine> read_pull_line(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    PullLine line{.status = root.text("status"),
                  .id = root.text("id"),
                  .current = root.object("progressDetail").number("current"),
                  .error = root.object("errorDetail").text("message")};
    if (line.error.empty()) line.error = root.text("error");
    if (line.error.empty() && root.has("errorDetail")) line.error = "the Engine gave no reason";
    TRY(document.check());
    return line;
}

std::string read_message(std::string_view body) {
    Document document(body);
    const json::object* object = document.root().if_object();
    if (object != nullptr) {
        const json::value* message = object->if_contains("message");
        if (message != nullptr && message->is_string()) {
            const json::string& words = message->get_string();
            return one_line({words.data(), words.size()});
        }
    }
    const std::string words = one_line(body, 200);
    return words.empty() ? "the Engine gave no reason" : words;
}

}  // namespace matriarch::controller::wire
