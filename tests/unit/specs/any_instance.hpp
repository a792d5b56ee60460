// Any instance that a file may ask for, for RapidCheck. It is drawn from the definitions in
// specs/fields.hpp: a new field is drawn too, and a new kind of text stops the test until it is
// said how to make one.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "specs/instance.hpp"

namespace matriarch::specs {

/// A valid instance: of any release, every field anywhere in its range, the ends included.
[[nodiscard]] rc::Gen<Instance> any_instance();

/// A valid instance that differs from this one in a few places, or in none.
[[nodiscard]] rc::Gen<Instance> near_instance(const Instance& instance);

/// As RapidCheck prints a counterexample: its canonical text.
void showValue(const Instance& instance, std::ostream& out);

}  // namespace matriarch::specs
