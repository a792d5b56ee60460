// What a plan must do in which order, for the tests of changes that take many steps.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace matriarch::reconcilers::testing {

/// Each of the texts is in the steps, one after the other.
inline void expect_in_order(const std::string& steps, const std::vector<std::string>& texts) {
    std::size_t from = 0;
    for (const std::string& text : texts) {
        const auto at = steps.find(text, from);
        ASSERT_NE(at, std::string::npos) << "not there, or too early: " << text << "\n" << steps;
        from = at + 1;
    }
}

}  // namespace matriarch::reconcilers::testing
