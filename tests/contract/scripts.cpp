// Reading scripts, and making them by chance.
#include "tests/contract/scripts.hpp"

#include <random>
#include <sstream>

namespace matriarch::controller {

Script parse_script(const std::string& text) {
    Script script;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find("; ", begin), text.size());
        std::string line = text.substr(begin, end - begin);
        ScriptCall call;
        const auto arrow = line.find(" -> ");
        if (arrow != std::string::npos) {
            call.expected = line.substr(arrow + 4);
            line.resize(arrow);
        }
        std::istringstream words(line);
        for (std::string word; words >> word;) call.words.push_back(word);
        script.push_back(std::move(call));
        begin = end + 2;
    }
    return script;
}

std::string to_text(const ScriptCall& call) {
    std::string text;
    for (const std::string& word : call.words) text += (text.empty() ? "" : " ") + word;
    return text;
}

namespace {

template <class Random>
std::string one_of(Random& random, const std::vector<std::string>& choices) {
    return choices[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(random)];
}

template <class Random>
std::string random_call(Random& random) {
    // More often than not what makes or moves something: most calls in a void are the same 404.
    static const std::vector<std::string> verbs{
        "create",  "create",  "create",  "start",  "start",         "start",   "stop",
        "kill",    "pause",   "remove",  "remove", "destroy",       "unpause", "update",
        "connect", "connect", "network", "volume", "network",       "find",    "disconnect",
        "execute", "logs",    "look",    "list",   "remove-network"};
    const std::string verb = one_of(random, verbs);
    const std::string container = " " + one_of(random, {"a", "a", "b"});
    const std::string network = " " + one_of(random, {"n", "n", "m"});
    if (verb == "create") {
        return verb + container + one_of(random, {"", " on n", " on n,m", " on m"}) +
               one_of(random, {"", " with v"}) + one_of(random, {"", "", " exits 0", " exits 7"}) +
               one_of(random, {"", " memory 64"});
    }
    if (verb == "update") {
        return verb + container + one_of(random, {" 96", " 64", " 0"}) +
               one_of(random, {" 500", " 0"}) + one_of(random, {" 50", " 0"});
    }
    if (verb == "connect" || verb == "disconnect") return verb + container + network;
    if (verb == "network") return verb + network + one_of(random, {"", " internal"});
    if (verb == "remove-network" || verb == "look" || verb == "find") return verb + network;
    if (verb == "volume") return "volume v";
    return verb == "list" ? verb : verb + container;
}

}  // namespace

Script random_script(std::uint64_t seed, std::size_t length) {
    std::mt19937_64 random(seed);
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += random_call(random) + "; ";
    return parse_script(text);
}

}  // namespace matriarch::controller
