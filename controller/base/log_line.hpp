// One log line as text or JSON: pure, so that tests compare it. Writing it is log.cpp's.
// Nothing else in the program puts a log line together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/base/log.hpp"

namespace matriarch::controller::log {

struct Line {
    WallTime time{};
    Level level{Level::info};
    std::string_view message{};
    std::vector<Field> fields{};
};

/// 2026-11-22T10:04:07.113Z info  stopped container  instance=example-social took_ms=812
[[nodiscard]] std::string to_text(const Line& line, bool is_coloured);

/// {"time":"...","level":"info","message":"stopped
/// container","instance":"example-social","took_ms":812}
[[nodiscard]] std::string to_json(const Line& line);

}  // namespace matriarch::controller::log
