// Places: which call of a run this is, in words that hold when calls elsewhere are added or left
// out.
//
// A change is "start web-1 #1", the first of its kind; a question is the so-manieth of its kind
// since a change: "start web-1 #1 + list containers #2".
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace matriarch::model {

class Places {
 public:
    /// The place of the call that begins now.
    std::string next(const std::string& verb, bool is_write, const std::string& object) {
        const std::string call = verb + " " + object;
        if (!is_write) return last_change_ + " + " + counted(call, questions_);
        questions_.clear();
        last_change_ = counted(call, changes_);
        return last_change_;
    }

 private:
    static std::string counted(const std::string& call, std::map<std::string, std::size_t>& seen) {
        return call + " #" + std::to_string(++seen[call]);
    }

    std::map<std::string, std::size_t> changes_{};
    std::map<std::string, std::size_t> questions_{};
    std::string last_change_{"begin"};
};

/// Without what differs between instances and images: "alpha-migrate-0123456789ab" -> "migrate".
[[nodiscard]] std::string short_name(const std::string& name, const std::string& instance);

}  // namespace matriarch::model
