// Environment: the variables of a container. Copies share their values until one is changed: a pass
// copies what is wanted and what was seen hundreds of times, and changes hardly any of it.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "specs/values/secret.hpp"

namespace matriarch::reconcilers {

/// One environment variable. A shown value may appear in plans; a hidden one never does.
struct EnvironmentValue {
    Secret value{};
    bool is_secret{true};
};

[[nodiscard]] inline EnvironmentValue shown(std::string value) {
    return {Secret(std::move(value)), false};
}
[[nodiscard]] inline EnvironmentValue hidden(Secret value) {
    return {std::move(value), true};
}

class Environment {
 public:
    /// In the order of their names.
    using Values = std::map<std::string, EnvironmentValue>;

    Environment() = default;
    Environment(std::initializer_list<Values::value_type> values)
        : values_(std::make_shared<Values>(values)) {}

    [[nodiscard]] auto begin() const { return values().begin(); }
    [[nodiscard]] auto end() const { return values().end(); }
    [[nodiscard]] auto find(const std::string& name) const { return values().find(name); }
    [[nodiscard]] bool contains(const std::string& name) const { return values().contains(name); }
    [[nodiscard]] const EnvironmentValue& at(const std::string& name) const {
        return values().at(name);
    }
    [[nodiscard]] std::size_t size() const { return values().size(); }

    [[nodiscard]] EnvironmentValue& operator[](const std::string& name) { return own()[name]; }
    void erase(const std::string& name) { own().erase(name); }
    template <typename Is>
    void erase_if(const Is& is) {
        std::erase_if(own(), is);
    }
    /// What is set already stays as it is.
    void add(const std::string& name, EnvironmentValue value) {
        own().try_emplace(name, std::move(value));
    }
    void add(const Environment& others) { own().insert(others.begin(), others.end()); }

 private:
    [[nodiscard]] const Values& values() const {
        static const Values none;
        return values_ ? *values_ : none;
    }
    [[nodiscard]] Values& own() {
        if (!values_ || values_.use_count() > 1) values_ = std::make_shared<Values>(values());
        return *values_;
    }

    std::shared_ptr<Values> values_{};
};

}  // namespace matriarch::reconcilers
