// Recorded answers of Debian 12's Engine (20.10.24, API 1.41), read from recorded/.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace matriarch::controller {

inline std::string recorded(const std::string& name) {
    std::ifstream file(std::string(RECORDED) + "/" + name);
    EXPECT_TRUE(file) << name;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Replaces one piece of a recording; it must be there.
inline std::string changed(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace matriarch::controller
