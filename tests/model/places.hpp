// Places: which call of a run this is, in words that hold when calls elsewhere are added or left
// out.
//
// A change is "start web-1 #1", the first of its kind; a question is the so-manieth of its kind
// since a change: "start web-1 #1 + list containers #2". "after start web-1 #1" is the next call,
// whatever it is.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace matriarch::model {

class Places {
 public:
    /// The call that begins now.
    void next(const std::string& verb, bool is_write, const std::string& object) {
        const std::string call = verb + " " + object;
        after_ = "after " + place_;
        if (is_write) {
            questions_.clear();
            place_ = last_change_ = counted(call, changes_);
        } else {
            place_ = last_change_ + " + " + counted(call, questions_);
        }
    }
    [[nodiscard]] const std::string& place() const { return place_; }
    [[nodiscard]] bool is_at(const std::string& place) const {
        return place == place_ || place == after_;
    }

 private:
    static std::string counted(const std::string& call, std::map<std::string, std::size_t>& seen) {
        return call + " #" + std::to_string(++seen[call]);
    }

    std::map<std::string, std::size_t> changes_{};
    std::map<std::string, std::size_t> questions_{};
    std::string last_change_{"begin"};
    std::string place_{"begin"};
    std::string after_{};
};

/// Without what differs between instances and images: "alpha-migrate-0123456789ab" -> "migrate".
[[nodiscard]] std::string short_name(const std::string& name, const std::string& instance);

}  // namespace matriarch::model
