// Rules between fields, and rules that a pattern cannot say. Every message names the field's place.
#pragma once

#include <string_view>

#include "specs/findings.hpp"
#include "specs/instance.hpp"

namespace matriarch::specs {

/// Adds to the findings whatever is wrong with an instance as a whole.
void validate(const Instance& instance, Findings& findings);

/// Environment that may not be set: it would run code, it is ours to set, or it is a secret.
void validate_settings(const Instance& instance, Findings& findings);

/// Queues: all covered, all known, one scheduler.
void validate_sidekiq(const Instance& instance, Findings& findings);

/// What may be left as it is: not what keeps data safe, nor what is not known.
void validate_ignore(const Instance& instance, Findings& findings);

/// Whether `settings` may hold a variable of that name, as far as its name goes.
[[nodiscard]] bool is_free_setting(const std::string& name, const Instance& instance);

/// A name of at least two labels that the DNS could hold (RFC 1123, section 2.1); no address.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace matriarch::specs
