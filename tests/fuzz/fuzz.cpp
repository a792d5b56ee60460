// libFuzzer's entry, and the checks that several targets make.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdint>

#include "specs/text_rules.hpp"
#include "specs/values/check.hpp"

namespace matriarch::fuzz {

std::vector<std::string_view> parts_of(std::string_view input) {
    constexpr char boundary = '\xFF';
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = input.find(boundary);
        parts.push_back(input.substr(0, end));
        if (end == std::string_view::npos) return parts;
        input.remove_prefix(end + 1);
    }
}

unsigned char take_byte(std::string_view& input) {
    if (input.empty()) return 0;
    const auto byte = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    return byte;
}

void check_shown(std::string_view text) {
    CHECK(text.find_first_of("\t\r\n") == std::string_view::npos, "text for people is one line");
    const auto bad = specs::find_bad_text(text);
    CHECK(!bad, bad ? bad->what : "");
}

void check_error(const Error& error) {
    CHECK(!error.message.empty(), "an error says what is wrong");
    check_shown(error.message);
    check_shown(error.hint);
    check_shown(error.where);
}

Result<void> take_whole(std::string_view input, const Take& take) {
    return take(input);
}

Result<void> take_cut(std::string_view input, const Take& take) {
    std::size_t length = 1;
    while (!input.empty()) {
        const std::string_view piece = input.substr(0, std::min(length, input.size()));
        TRY(take(piece));
        input.remove_prefix(piece.size());
        // The bytes themselves choose the cuts, so that the fuzzer can move them.
        length = 1 + static_cast<unsigned char>(piece.back()) % 13;
    }
    return {};
}

}  // namespace matriarch::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
    matriarch::fuzz::try_input({reinterpret_cast<const char*>(data), size});
    return 0;
}
