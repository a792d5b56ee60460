// The Engine's JSON. The first byte chooses what was asked for, the rest is the answer.
#include <array>
#include <boost/json.hpp>

#include "controller/engine/refusal.hpp"
#include "controller/engine/wire.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

namespace wire = controller::wire;

template <class Value>
bool is_read(const Result<Value>& value) {
    if (value) return true;
    CHECK(value.error().kind == ErrorKind::unavailable, "garbage says nothing about the world");
    check_error(value.error());
    return false;
}

void check_json(const std::string& body) {
    boost::system::error_code error;
    const auto value = boost::json::parse(body, error);
    CHECK(!error && value.is_object(), "what we ask is a JSON object");
}

void try_container(std::string_view input) {
    const auto container = wire::read_container(input);
    if (!is_read(container)) return;
    CHECK(!container->id.empty() && !container->name.empty(), "a container has an id and a name");
    const auto body = wire::write_container({.spec = container->spec,
                                             .image = container->image_reference,
                                             .network_ids = container->network_ids});
    if (body) check_json(*body);
    const auto found =
        reconcilers::differences(container->spec, *container, container->image_id, nullptr);
    static_cast<void>(reconcilers::in_words(found));
    static_cast<void>(reconcilers::spec_digest(container->spec));
}

void try_list(std::string_view input) {
    const auto list = wire::read_container_list(input);
    if (!is_read(list)) return;
    for (const auto& summary : *list) CHECK(!summary.id.empty(), "a container has an id");
}

void try_info(std::string_view input) {
    static_cast<void>(is_read(wire::read_info(input)));
}
void try_network(std::string_view input) {
    if (const auto network = wire::read_network(input); is_read(network)) {
        check_json(wire::write_network({.name = network->name, .labels = network->labels}));
    }
}
void try_volume(std::string_view input) {
    if (const auto volume = wire::read_volume(input); is_read(volume)) {
        check_json(wire::write_volume({.name = volume->name, .labels = volume->labels}));
    }
}
void try_image(std::string_view input) {
    static_cast<void>(is_read(wire::read_image(input)));
}
void try_exec(std::string_view input) {
    static_cast<void>(is_read(wire::read_exec(input)));
}
void try_id(std::string_view input) {
    if (const auto id = wire::read_id(input); is_read(id))
        CHECK(!id->empty(), "an id is not empty");
}

void try_refusal(std::string_view input) {
    const int status = 300 + take_byte(input);
    check_error(controller::refusal("cannot start container x", status, input));
    check_error(controller::pull_refusal("cannot pull x", status, wire::read_message(input)));
    const auto version = controller::choose_version(std::string(input));
    if (!version) return check_error(version.error());
    CHECK(version->starts_with("1.4"), "a version that we speak");
}

constexpr std::array readers{try_container, try_list, try_info, try_network, try_volume,
                             try_image,     try_exec, try_id,   try_refusal};

}  // namespace

void try_input(std::string_view input) {
    const unsigned char choice = take_byte(input);
    readers[choice % readers.size()](input);
}

}  // namespace matriarch::fuzz
