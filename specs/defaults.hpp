// What an instance file need not say. The values and their reasons are in defaults.cpp.
#pragma once

#include "specs/instance.hpp"

namespace matriarch::specs {

/// An instance of this version with every default set; name, domain and repository are empty.
[[nodiscard]] Instance defaults_for(const Version& version);

/// Every image to run, complete with tag or digest, for this instance's versions.
///
/// A tag or digest written under `images` wins; otherwise Mastodon's version and the major versions
/// of PostgreSQL and Redis choose the tag.
[[nodiscard]] Images resolved_images(const Instance& instance);

}  // namespace matriarch::specs
