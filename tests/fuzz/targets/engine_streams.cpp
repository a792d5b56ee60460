// What the Engine streams: frames of output, events and pull progress, one JSON text a line. How
// the network cut the stream must change nothing.
#include "controller/engine/frames.hpp"
#include "controller/engine/wire.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

using controller::FrameReader;
using controller::LineReader;
using Deliver = Result<void> (*)(std::string_view, const Take&);

/// What came out of a stream, and whether it ended well.
struct Heard {
    std::string out{};
    std::string err{};
    bool is_whole{false};
    friend bool operator==(const Heard&, const Heard&) = default;
};

Heard frames(std::string_view input, Deliver deliver) {
    Heard heard;
    FrameReader reader([&](bool is_error, std::string_view piece) {
        (is_error ? heard.err : heard.out) += piece;
    });
    const auto taken = deliver(input, [&](std::string_view piece) { return reader.take(piece); });
    heard.is_whole = taken && reader.end();
    return heard;
}

Heard lines(std::string_view input, Deliver deliver) {
    Heard heard;
    LineReader reader([&](std::string_view line) -> Result<void> {
        heard.out.append(line).append("\n");
        return {};
    });
    const auto taken = deliver(input, [&](std::string_view piece) { return reader.take(piece); });
    heard.is_whole = taken && reader.end();
    return heard;
}

void try_line(std::string_view line) {
    const auto event = controller::wire::read_event(line);
    if (event) {
        CHECK(!event->type.empty() && !event->action.empty(), "an event says what happened");
    } else {
        check_error(event.error());
    }
    const auto pull = controller::wire::read_pull_line(line);
    if (!pull) check_error(pull.error());
}

}  // namespace

void try_input(std::string_view input) {
    const Heard whole = frames(input, take_whole);
    CHECK(whole == frames(input, take_cut), "frames do not depend on the cuts");
    CHECK(whole.out.size() + whole.err.size() <= input.size(), "no more comes out than went in");

    const Heard text = lines(input, take_whole);
    CHECK(text == lines(input, take_cut), "lines do not depend on the cuts");

    LineReader each([](std::string_view line) -> Result<void> {
        try_line(line);
        return {};
    });
    const auto taken = each.take(input);
    if (taken) static_cast<void>(each.end());
}

}  // namespace matriarch::fuzz
