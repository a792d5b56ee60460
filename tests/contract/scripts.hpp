// Scripts: what conformance asks of two Engines at once, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace matriarch::controller {

/// One call of a script; calls are parted by "; ", and " -> kind" says what must come of one.
///
///     network n [internal] | remove-network n | volume v | disconnect a n | connect a n
///     create a [on n,m] [with v] [exits 7] [always] [memory 64] | start a | stop a | kill a
///     pause a (by hand) | unpause a | destroy a (by hand) | remove a | update a 96 500 50
///     execute a | logs a | inspect a | look n | find n | image | list
///
/// Containers are called a, b; networks n, m; the volume v.
struct ScriptCall {
    std::vector<std::string> words{};
    /// ok, conflict, invalid, ...; empty: whatever the real Engine says.
    std::string expected{};
};

using Script = std::vector<ScriptCall>;

/// Throws where it cannot be read.
[[nodiscard]] Script parse_script(const std::string& text);
[[nodiscard]] std::string to_text(const ScriptCall& call);

/// Calls by chance, any verb in any state; the same for the same seed.
[[nodiscard]] Script random_script(std::uint64_t seed, std::size_t length);

struct Behaviour {
    const char* name;
    const char* script;
};

/// What we rely on, each by a name.
[[nodiscard]] std::vector<Behaviour> behaviours();

}  // namespace matriarch::controller
